import CygniDNS
import CygniModel
import FoundationEssentials

/// Looks at one domain after another, as providers allow.
struct Looker: Sendable {
    let examiner: Examiner
    let surveyor: Surveyor
    let gate: ProviderGate
    let measure: Judgement.Measure
    let patience: Patience
    let rhythm: Rhythm
    let now: Timestamp
    /// Makes a new token; a dry run has none to show.
    let newToken: @Sendable () -> String
    /// Where evidence is kept.
    let spool: LineSpool
    /// Each name server is asked, whether it is time or not.
    var surveysAll = false

    /// - Throws: `CancellationError`.
    func look(_ row: DomainRow) async throws -> Looked {
        guard let claim = try? row.claim() else { return unusable(row) }
        switch gate.admit(row.provider, now: .now) {
        case .refused: return try judged(row, claim, .unknown(.timeout, at: claim.name.base), isSkipped: true)
        case .go(let pause): if pause > .zero { try await Task.sleep(for: pause) }
        }
        let examination = try await examined(row, claim)
        let isAnswered = examination.zone.zone != nil
        gate.ended(row.provider ?? examination.zone.zone?.provider, answered: isAnswered, now: .now)
        return try judged(row, claim, examination)
    }

    /// What is asked about a domain, and judged.
    func judgement(_ row: DomainRow, _ claim: Claim) async throws -> Judgement {
        judgement(row, claim, try await examined(row, claim))
    }

    private func judgement(_ row: DomainRow, _ claim: Claim, _ examination: Examination) -> Judgement {
        Judgement(
            claim,
            examination,
            measure,
            isCovered: row.isCovered,
            wasVerified: row.standing.state == .verified,
            now: now
        )
    }

    private func examined(_ row: DomainRow, _ claim: Claim) async throws -> Examination {
        var examination = try await examiner.examine(
            claim,
            wantsTarget: !measure.edge.isEmpty,
            wantsAuthority: !measure.authorities.isEmpty || surveysAll
        )
        // Silent servers are not asked again each by itself.
        guard examination.zone.zone != nil else { return examination }
        let judgement = judgement(row, claim, examination)
        let isDue = row.surveyedAt.map { now - $0 >= rhythm.survey } ?? (row.standing.state == .verified)
        if surveysAll || isDue || !judgement.look.isWell {
            let wantsAcme = measure.acmeDelegation != nil && claim.name.isWildcard
            examination.survey = try await surveyor.survey(claim, examination, now: now, wantsAcme: wantsAcme)
        }
        if measure.quorum > 0, judgement.ownership.isProven || examination.survey?.agreedProof == true || surveysAll {
            examination.survey = examination.survey ?? Survey()
            examination.survey?.quorum = try await surveyor.quorum(claim, now: now)
        }
        return examination
    }

    private func judged(_ row: DomainRow, _ claim: Claim, _ examination: Examination, isSkipped: Bool = false) throws
        -> Looked
    {
        let judgement = judgement(row, claim, examination)
        let after = row.standing.after(judgement.look, at: now, patience)
        let fresh = after.needsToken(from: row.standing) ? newToken() : nil
        var standing = after
        if fresh != nil { standing.tokenMadeAt = now }
        var judged = judgement
        if let fresh, let renewed = try? row.claim(token: fresh) {
            judged = Judgement(renewed, examination, measure, now: now)
        }
        let found = isSkipped ? Reason.providerDown : judgement.look.reason
        return Looked(
            row,
            Looked.Outcome(
                after: standing,
                found: found,
                isWell: judgement.look.isWell,
                isUnknown: judgement.look.isUnknown,
                concerns: judgement.concerns,
                fix: after.state == .removed
                    ? nil : judged.fix(after.reason == .proofVoid ? .proofVoid : found, edge: measure.edge)?.text,
                evidence: try spool.append(judgement.evidence.text),
                provider: examination.zone.zone?.provider ?? row.provider,
                wasSurveyed: !(examination.survey?.servers.isEmpty ?? true),
                next: rhythm.next(
                    standing,
                    judgement.look,
                    changes: judgement.changes,
                    now: now,
                    chance: .random(in: 0..<1)
                ),
                newToken: fresh
            )
        )
    }

    /// A name that nobody can have is told so, and waits until its time is over.
    private func unusable(_ row: DomainRow) -> Looked {
        var fault = "is no name that can be verified"
        do { _ = try row.claim() } catch { fault = error.words }
        let look = Look(ownership: .absent(.nameUnusable), target: .absent(.nameUnusable))
        let after = row.standing.after(look, at: now, patience)
        var outcome = Looked.Outcome(after: after, found: .nameUnusable)
        outcome.fix = "remove it: \(fault)"
        outcome.next = rhythm.next(after, look, changes: .zero, now: now, chance: .random(in: 0..<1))
        return Looked(row, outcome)
    }
}

extension Look {
    /// Something could not be told, and nothing was found wrong.
    var isUnknown: Bool {
        let verdicts = [ownership, target]
        let hasUnknown = verdicts.contains { if case .unknown = $0 { true } else { false } }
        let hasAbsent = verdicts.contains { if case .absent = $0 { true } else { false } }
        return hasUnknown && !hasAbsent
    }
}

extension Standing {
    /// Whether an old token must not count any more: the zone changed hands, or the domain went out of service.
    func needsToken(from before: Standing) -> Bool {
        guard state != before.state || since != before.since else { return false }
        return state == .quarantined || (state == .failing && reason == .proofVoid)
    }
}
