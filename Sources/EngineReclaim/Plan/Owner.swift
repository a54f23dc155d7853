package import CygniModel
import CygniPostgres
package import FoundationEssentials

/// The deployment that something was made for, as the ledger has it.
package struct Owner: Hashable, Sendable {
    package var tenant: UUID
    package var id: UUID
    /// `acme/web`
    package var project: String
    package var isPreview: Bool
    package var state: String
    /// Pinned, protected, or with an alias.
    package var isKept: Bool
    package var lastUsedAt: Timestamp
    /// Among the production deployments of its project that were ready, the newest first, from 1; nil: it is none of them.
    package var place: Int?

    package init(
        tenant: UUID,
        id: UUID,
        project: String,
        isPreview: Bool,
        state: String,
        isKept: Bool = false,
        lastUsedAt: Timestamp,
        place: Int? = nil
    ) {
        (self.tenant, self.id, self.project, self.isPreview) = (tenant, id, project, isPreview)
        (self.state, self.isKept, self.lastUsedAt, self.place) = (state, isKept, lastUsedAt, place)
    }

    static let statements = StatementFile("reclaim", PackageResources.reclaim_sql)

    /// The owners of `ids` that the ledger knows, by their id in lower case.
    static func read(_ ids: [UUID], in session: Session) throws -> [String: Owner] {
        var owners: [String: Owner] = [:]
        for row in try session.query(statements["owners"], ids) {
            let id: UUID = try row.get("id")
            owners[id.text] = Owner(
                tenant: try row.get("tenant_id"),
                id: id,
                project: try row.get("project"),
                isPreview: try row.get("kind", as: String.self) == "preview",
                state: try row.get("state"),
                isKept: try row.get("is_kept"),
                lastUsedAt: try row.get("last_used_at"),
                place: try row.get("place")
            )
        }
        return owners
    }
}
