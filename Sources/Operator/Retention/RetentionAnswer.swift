import CygniModel

/// What `cygni retention explain` answers: when something goes, by which policy, and what could stop it.
struct RetentionAnswer: Sendable, Equatable {
    /// One thing that goes or stays as a whole.
    struct Part: Sendable, Equatable {
        var name: String
        var retentionClass: String?
        var rows: Int?
        /// When its time comes, or came; nil: never.
        var goes: Timestamp?
        var state: String
    }

    var subject: String
    var policyVersion: String?
    var about: [String] = []
    var parts: [Part] = []

    var json: JSONValue {
        .object([
            ("subject", .string(subject)), ("policy_version", .optional(policyVersion)),
            ("about", .array(about.map(JSONValue.string))),
            (
                "parts",
                .array(
                    parts.map { part in
                        .object([
                            ("name", .string(part.name)), ("retention_class", .optional(part.retentionClass)),
                            ("rows", part.rows.map { .integer($0) } ?? .null),
                            ("goes_at", .optional(part.goes?.rfc3339)), ("state", .string(part.state)),
                        ])
                    }
                )
            ),
        ])
    }

    /// - Parameter width: of the terminal.
    func text(width: Int) -> String {
        var text = subject + "\n"
        for line in about { text += "  \(line)\n" }
        guard !parts.isEmpty else { return text }
        let hasClass = parts.contains { $0.retentionClass != nil }
        let hasRows = parts.contains { $0.rows != nil }
        var table = TextTable(
            ["WHAT"] + (hasClass ? ["CLASS"] : []) + (hasRows ? ["ROWS"] : []) + ["GOES", "STATE"],
            rightAligned: hasRows ? [hasClass ? 2 : 1] : []
        )
        for part in parts {
            table.add(
                [part.name] + (hasClass ? [part.retentionClass ?? ""] : [])
                    + (hasRows ? [part.rows.map(\.grouped) ?? ""] : []) + [part.goes?.rfc3339 ?? "never", part.state]
            )
        }
        return text + table.text(indent: 0, width: width) { $0 }
    }
}
