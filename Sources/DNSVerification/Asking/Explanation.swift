import CygniDNS
import CygniJobs
import CygniModel
import FoundationEssentials

/// All that can be found out about one domain, for `--explain`.
enum Explanation {
    static func answer(
        _ name: String,
        _ settings: VerificationSettings,
        _ looking: Looking,
        _ context: JobContext
    ) async throws -> PlanAnswer {
        let asked: HostName
        do {
            asked = try HostName(name)
        } catch {
            throw JobFailure("'\(name)' is no name that can be verified: \(error.words)", status: .usage)
        }
        let rows = try await DomainBook.rows(named: [asked.description], context)
        guard !rows.isEmpty else { throw JobFailure("no tenant claims '\(asked)'") }
        let slugs = try await DomainBook.slugs(of: rows.map(\.tenant), context)
        var looker = looking.looker
        looker.surveysAll = true
        var texts: [String] = []
        var domains: [JSONValue] = []
        for row in rows {
            let tenant = slugs[row.tenant] ?? row.tenant.text
            let one = try await looker.look(row)
            let judgement = try await row.claim().asJudged(by: looker, row)
            let fix = judgement.fix(
                one.outcome.after.reason == .proofVoid ? .proofVoid : one.outcome.found,
                edge: settings.edge.edge
            )
            texts.append(text(row, tenant, one, judgement, fix))
            domains.append(json(row, tenant, one, judgement, fix))
        }
        return PlanAnswer(text: texts.joined(separator: "\n\n"), json: .object([("domains", .array(domains))]))
    }

    private static func text(_ row: DomainRow, _ tenant: String, _ one: Looked, _ judgement: Judgement, _ fix: Fix?)
        -> String
    {
        let claim = judgement.claim
        let standing = row.standing
        var lines = [
            "\(row.name)  (tenant \(tenant), \(claim.scope.rawValue)): \(standing.state.rawValue) since \(standing.since.rfc3339)"
                + (one.isChange ? ", would be \(one.outcome.after.state.rawValue)" : ""),
            "  ownership  \(judgement.look.ownership.words)  TXT \(claim.challenge): \(judgement.examination.challenge.words)",
            "  target     \(judgement.look.target.words)  A: \(judgement.examination.a.words); AAAA: \(judgement.examination.aaaa.words)",
            "  zone       \(judgement.examination.zone.words)",
            "  CAA        \(judgement.examination.authority.words)",
        ]
        for server in judgement.examination.survey?.servers ?? [] { lines.append("  server     \(server.words)") }
        if let quorum = judgement.examination.survey?.quorum {
            lines.append("  vantages   \(quorum.seen) of \(quorum.asked) see the proof")
        }
        for miss in judgement.ownership.nearMisses { lines.append("  near miss  \(miss.words)") }
        for concern in one.outcome.concerns { lines.append("  concern    \(concern.code.rawValue): \(concern.text)") }
        lines.append("  to change  \(fix?.text ?? "nothing")")
        lines.append("  next look  \(one.outcome.next?.rfc3339 ?? "never")")
        return lines.joined(separator: "\n")
    }

    private static func json(_ row: DomainRow, _ tenant: String, _ one: Looked, _ judgement: Judgement, _ fix: Fix?)
        -> JSONValue
    {
        .object([
            ("name", .string(row.name)), ("tenant", .string(tenant)),
            ("scope", .string(judgement.claim.scope.rawValue)),
            ("state", .string(row.standing.state.rawValue)), ("since", .string(row.standing.since.rfc3339)),
            ("would_be", .string(one.outcome.after.state.rawValue)), ("reason", .string(one.outcome.found.rawValue)),
            ("challenge", .string("\(judgement.claim.challenge)")), ("found", judgement.evidence),
            (
                "near_misses",
                .array(
                    judgement.ownership.nearMisses.map {
                        .object([("code", .string($0.code)), ("text", .string($0.words))])
                    }
                )
            ), ("fix", fix?.json ?? .null), ("next_check_at", .optional(one.outcome.next?.rfc3339)),
        ])
    }
}

extension Claim {
    /// What is asked about the claim, and judged.
    fileprivate func asJudged(by looker: Looker, _ row: DomainRow) async throws -> Judgement {
        try await looker.judgement(row, self)
    }
}
