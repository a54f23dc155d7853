import CygniJobs
import CygniPostgres
import FoundationEssentials

extension DomainBook {
    /// - Parameter names: none: all that are in service.
    static func rows(named names: [String], _ context: JobContext) async throws -> [DomainRow] {
        try await context.read { session in try session.query(statements["names"], names).map(DomainRow.init) }
    }

    static func slugs(of tenants: [UUID], _ context: JobContext) async throws -> [UUID: String] {
        let ids = Array(Set(tenants))
        let pairs = try await context.read { session in
            try session.query(statements["tenants"], ids).map { row in
                (try row.get("id", as: UUID.self), try row.get("slug", as: String.self))
            }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}
