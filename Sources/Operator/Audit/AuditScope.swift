import CygniAudit
import CygniModel
import CygniPostgres
import FoundationEssentials

/// Which chains of the audit log are looked at.
enum AuditScope: Sendable {
    case all
    /// One chain; nil is the platform's own.
    case chain(UUID?)

    /// - Parameter name: a slug, an id, or `platform`; nil is all.
    static func named(_ name: String?, _ connection: Connection) async throws -> AuditScope {
        guard let name else { return .all }
        let wanted = name.lowercased()
        if wanted == "platform" { return .chain(nil) }
        let statements = StatementFile("tenant", PackageResources.tenant_sql)
        let found = try await connection.access { session in
            try session.query(statements["by_name"], wanted).first?.get("id", as: UUID.self)
        }
        // A tenant that is gone has left its chain behind.
        guard let id = found ?? UUID(uuidString: wanted) else {
            throw ImportError(description: "there is no tenant '\(name)'; the platform's own chain is 'platform'")
        }
        return .chain(id)
    }

    func includes(_ tenant: UUID?) -> Bool {
        switch self {
        case .all: true
        case .chain(let wanted): tenant == wanted
        }
    }
}
