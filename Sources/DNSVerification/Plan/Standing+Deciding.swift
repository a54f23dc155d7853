package import CygniModel

extension Standing {
    /// How it stands after a look, as a pure function.
    ///
    /// What is unknown changes nothing but the reason of a claim that was never proven. A proof that is gone takes a domain out
    /// of service in steps: it fails after some looks, and goes into quarantine when its time is over; at once where the name still
    /// points at us, since whoever registers it next would inherit our service.
    package func after(_ look: Look, at now: Timestamp, _ patience: Patience) -> Standing {
        guard state != .removed else { return self }
        if isOver(now, patience, look) { return entering(.removed, reason, now) }
        if let voided = voided(by: look, at: now) { return voided }
        switch look.ownership {
        case .unknown(let reason): return state == .pending ? saying(reason) : self
        case .absent(let reason): return missed(reason, look, now, patience)
        case .present: break
        }
        switch look.target {
        case .unknown(let reason): return state == .pending ? saying(reason) : self
        case .absent(let reason): return missed(reason, look, now, patience)
        case .present: return proven(look, now)
        }
    }

    /// Whether nobody waits for it any more. A look that finds everything right comes in time, however late; one that cannot
    /// tell ends nothing.
    private func isOver(_ now: Timestamp, _ patience: Patience, _ look: Look) -> Bool {
        guard case .absent = look.ownership else { return false }
        switch state {
        case .pending: return now - since >= patience.pending
        case .quarantined: return now - since >= patience.quarantined
        case .verified, .failing, .removed: return false
        }
    }

    /// A zone that changed hands: what was proven was proven by somebody else, until a token made since is found.
    private func voided(by look: Look, at now: Timestamp) -> Standing? {
        guard let seen = look.zone, let zone, seen != zone else { return nil }
        guard state == .verified || state == .failing else { return nil }
        guard !(state == .failing && reason == .proofVoid) else { return nil }
        return entering(.failing, .proofVoid, now)
    }

    private func proven(_ look: Look, _ now: Timestamp) -> Standing {
        // An old token proves nothing new: it may have been copied, or left behind.
        let needsFresh = state == .quarantined || (state == .failing && reason == .proofVoid)
        guard !needsFresh || tokenMadeAt >= since else { return self }
        var next = state == .verified ? self : entering(.verified, .ok, now)
        next.reason = .ok
        next.misses = 0
        next.zone = look.zone ?? zone
        return next
    }

    private func missed(_ reason: Reason, _ look: Look, _ now: Timestamp, _ patience: Patience) -> Standing {
        var next = self
        next.misses += 1
        switch state {
        case .pending: return saying(reason)
        case .verified:
            guard next.misses >= patience.misses else { return next }
            let dangles = look.ownership != .present && look.target == .present
            return entering(dangles ? .quarantined : .failing, reason, now, misses: next.misses)
        case .failing:
            if self.reason != .proofVoid { next.reason = reason }
            let isOwnership = look.ownership != .present
            guard isOwnership, next.misses >= patience.misses, now - since >= patience.failing else { return next }
            return entering(.quarantined, reason, now, misses: next.misses)
        case .quarantined, .removed: return next
        }
    }

    private func saying(_ reason: Reason) -> Standing {
        var next = self
        next.reason = reason
        return next
    }

    private func entering(_ state: State, _ reason: Reason, _ now: Timestamp, misses: Int = 0) -> Standing {
        var next = self
        (next.state, next.reason, next.since, next.misses) = (state, reason, now, misses)
        return next
    }
}
