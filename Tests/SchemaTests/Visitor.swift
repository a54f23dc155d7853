import CygniPostgres
import CygniTestSupport
import Testing

/// What `cygni.tenant_id` is set to when `cygni_app` asks.
enum TenantSetting: CaseIterable, Sendable, CustomTestStringConvertible {
    case unset, empty, foreign, malformed, padded, inList, quoted, undashed, braced

    /// Never the victim, whatever a lenient reader might make of it.
    var value: String? {
        switch self {
        case .unset: nil
        case .empty: ""
        case .foreign: TwoTenants.other
        case .malformed: "not-a-uuid"
        case .padded: " \(TwoTenants.victim)"
        case .inList: "\(TwoTenants.other),\(TwoTenants.victim)"
        case .quoted: "' OR true --"
        case .undashed: TwoTenants.victim.replacing("-", with: "")
        case .braced: "{\(TwoTenants.victim)}"
        }
    }

    var testDescription: String { "cygni.tenant_id \(self)" }
}

/// `cygni_app` at work: what it tries is undone at once, and what came of it is told.
struct Visitor {
    let session: Session

    /// Connects as `cygni_app` with a tenant setting and runs `body`.
    static func run(
        _ database: TestDatabase,
        tenant: String?,
        _ body: @Sendable @escaping (Visitor) throws -> Void
    ) async throws {
        let connection = try await database.connect(role: "cygni_app")
        try await connection.access { session in
            if let tenant {
                try session.query(Statement("set", "SELECT set_config('cygni.tenant_id', $1, false)"), tenant)
            }
            try body(Visitor(session: session))
        }
    }

    /// The SQLSTATE that the statement ends with; nil when it succeeds.
    func refusal(_ sql: String) throws -> String? {
        try attempt {
            try session.script(sql, name: "visit")
            return nil
        }
    }

    /// Whether a statement that returns one text column `row` gives a row with one of `marks` in it; nil when refused.
    func sees(_ marks: [String], in sql: String) throws -> Bool {
        var seen = false
        let refusal = try attempt {
            let rows: [String?] = try session.query(Statement("visit", sql)).map { try $0.get("row") }
            seen = rows.contains { row in marks.contains { row?.contains($0) ?? false } }
            return nil
        }
        if let refusal { try require(Self.refusals.contains(refusal), "\(sql) ended with \(refusal)") }
        return seen
    }

    /// No right on it, or a row that a policy refuses.
    static let noPrivilege = "42501"
    /// The same, or a verb that a relation of this kind does not know: a view is dropped by another word than a table, and
    /// one over several relations takes no row.
    static let refusals: Set<String?> = [noPrivilege, "42809", "55000"]

    private func attempt(_ body: () throws -> String?) throws -> String? {
        try session.script("BEGIN", name: "begin")
        defer { try? session.script("ROLLBACK", name: "rollback") }
        do {
            return try body()
        } catch let error as PostgresError {
            return error.sqlState ?? "\(error)"
        }
    }

    private func require(_ condition: Bool, _ message: String) throws {
        if !condition { throw TestSupportError(message) }
    }
}
