package import CygniEngines
package import CygniModel

/// Decides what of an engine may go.
package struct ReclaimRules: Sendable {
    /// What becomes of a thing, and why.
    package enum Verdict: Hashable, Sendable {
        case stays(String)
        case goes(String)
    }

    let settings: ReclaimSettings
    /// By id, in lower case.
    let owners: [String: Owner]
    let now: Timestamp

    package init(_ settings: ReclaimSettings, owners: [String: Owner], now: Timestamp) {
        (self.settings, self.owners, self.now) = (settings, owners, now)
    }

    package func owner(of holding: EngineHolding) -> Owner? { owners[holding.object.deployment.lowercased()] }

    package func verdict(_ holding: EngineHolding) -> Verdict {
        if let user = holding.user { return .stays("\(user) uses it") }
        if holding.object.kind == "build_cache" { return cache(holding) }
        guard let created = holding.createdAt else { return .stays("the engine does not say how old it is") }
        guard created + settings.age <= now else { return .stays("it is younger than \(settings.age.text)") }
        let deployment = holding.object.deployment
        guard !deployment.isEmpty else {
            return holding.isUntagged ? .goes("an image without a name") : .stays("its labels name no deployment")
        }
        guard let owner = owner(of: holding) else {
            return .stays("no deployment \(deployment.printable) is in the ledger: cygni-preview-reap tells orphans")
        }
        if owner.isKept { return .stays("its deployment is pinned, protected, or has an alias") }
        if owner.isPreview {
            return owner.state == "reaped" ? .goes("its preview was reaped") : .stays("its preview is \(owner.state)")
        }
        return holding.object.kind == "image" ? image(owner) : .stays("it is of a production deployment")
    }

    private func image(_ owner: Owner) -> Verdict {
        if let place = owner.place {
            return place <= settings.rollback
                ? .stays("number \(place) of the \(settings.rollback) newest, to roll back to")
                : .goes("number \(place) of its project, beyond the \(settings.rollback) newest to roll back to")
        }
        return ["failed", "cancelled", "reaped"].contains(owner.state)
            ? .goes("its deployment is \(owner.state), and was never ready")
            : .stays("its deployment is \(owner.state)")
    }

    private func cache(_ holding: EngineHolding) -> Verdict {
        guard let unused = settings.buildCache else { return .stays("build_cache is not set") }
        guard let used = holding.lastUsedAt ?? holding.createdAt else {
            return .stays("the engine does not say when it was used")
        }
        return used + unused <= now
            ? .goes("not used for \(unused.text)") : .stays("it was used in the last \(unused.text)")
    }
}
