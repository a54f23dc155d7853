import ArgumentParser
import CygniArchive
import CygniModel
import CygniPostgres
import FoundationEssentials

/// Which lines are asked for.
struct ArchiveSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Only lines of this tenant.", valueName: "slug|id"))
    var tenant: String?

    @Option(help: ArgumentHelp("Only lines of this deployment.", valueName: "id"))
    var deployment: String?

    @Option(help: ArgumentHelp("Only lines at or after this moment, RFC 3339.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Only lines before this moment.", valueName: "time"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "Only archives of this source (log_lines, log_lines_p20261122), or this archive (its id or key).",
            valueName: "name"
        )
    )
    var source: String?

    mutating func validate() throws {
        for (flag, text) in [("--from", from), ("--to", to)] {
            if let text, Timestamp(parsing: text) == nil {
                throw ValidationError("\(flag) must be a time such as 2026-11-01T06:00:00Z (found '\(text)')")
            }
        }
        if let deployment, UUID(uuidString: deployment) == nil {
            throw ValidationError("--deployment must be an id (found '\(deployment)')")
        }
    }

    /// - Throws: for a tenant that is neither known nor an id.
    func filter(_ connection: Connection) async throws -> LineFilter {
        var filter = LineFilter()
        if let tenant {
            let statements = StatementFile("tenant", PackageResources.tenant_sql)
            let found = try await connection.access { session in
                try session.query(statements["by_name"], tenant.lowercased()).first?.get("id", as: UUID.self)
            }
            // A tenant that is gone has left its lines behind.
            guard let id = found ?? UUID(uuidString: tenant) else {
                throw ToolError("there is no tenant '\(tenant)'", status: .failure)
            }
            filter.tenant = id.text
        }
        filter.deployment = deployment?.lowercased()
        filter.from = from.flatMap { Timestamp(parsing: $0) }
        filter.to = to.flatMap { Timestamp(parsing: $0) }
        return filter
    }

    /// The archives that may hold such lines, by their receipts.
    func archives(_ connection: Connection, verifiedOnly: Bool = true) async throws -> [ArchiveRow] {
        let (source, from, to) = (
            source, from.flatMap { Timestamp(parsing: $0) }, to.flatMap { Timestamp(parsing: $0) }
        )
        return try await connection.access { session in
            try session.query(ArchiveRow.statements["list"], source, from, to, verifiedOnly).map(ArchiveRow.init(row:))
        }
    }
}
