import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `show NAME`: all that is known of a name's certificates.
enum CertificateStory {
    static func answer(_ name: String, _ book: CertificateBook) async throws -> PlanAnswer {
        let rows = try await book.rows(names: [name], all: false, atMost: 100)
        guard !rows.isEmpty else {
            return PlanAnswer(
                text: "there is no certificate for \(name)",
                json: .object([("name", .string(name)), ("certificates", .array([]))]),
                status: .failure
            )
        }
        let now = book.context.now
        let stories = rows.map { facts(of: $0, now) }
        let text = stories.map { members in
            members.compactMap { member -> String? in
                if case .null = member.value { return nil }
                if case .string(let text) = member.value { return "\(member.name): \(text)" }
                return "\(member.name): \(member.value.text)"
            }.joined(separator: "\n")
        }.joined(separator: "\n\n")
        return PlanAnswer(
            text: text,
            json: .object([("name", .string(name)), ("certificates", .array(stories.map { .object($0) }))])
        )
    }

    private static func facts(of row: CertificateRow, _ now: Timestamp) -> [(name: String, value: JSONValue)] {
        let left = row.validity.map { JSONValue.number(($0.left(at: now) * 1000).rounded() / 1000) } ?? .null
        return [
            ("id", .string(row.id.text)), ("names", .array(row.names.map { .string($0) })),
            ("tenant", .optional(row.tenantSlug)), ("state", .string(row.state)), ("reason", .optional(row.reason)),
            ("since", .string(row.stateSince.rfc3339)), ("authority", .optional(row.authority)),
            ("serial", .optional(row.serial)), ("fingerprint", .optional(row.fingerprint)),
            ("not_before", .optional(row.validity?.notBefore.rfc3339)),
            ("not_after", .optional(row.validity?.notAfter.rfc3339)), ("lifetime_left", left),
            ("next_attempt_at", .optional(row.nextAttemptAt?.rfc3339)),
            ("window_start", .optional(row.window?.start.rfc3339)), ("window_end", .optional(row.window?.end.rfc3339)),
            ("failures", .integer(row.failures)), ("problem", .optional(row.problem)),
            ("served", row.served.map { .integer($0) } ?? .null), ("edges", row.edges.map { .integer($0) } ?? .null),
        ]
    }
}
