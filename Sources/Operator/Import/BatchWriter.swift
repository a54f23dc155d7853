import CygniPostgres
import FoundationEssentials

/// Writes batches to the database, each in one transaction: a killed import leaves whole batches only.
struct BatchWriter: Sendable {
    /// What batches made besides their rows.
    struct Written: Sendable, Equatable {
        var rows = 0
        var tenants = 0
        var projects = 0
        var partitions = 0

        static func += (left: inout Written, right: Written) {
            left.rows += right.rows
            left.tenants += right.tenants
            left.projects += right.projects
            left.partitions += right.partitions
        }
    }

    private let connection: Connection
    private let table: ImportTable

    /// Prepares the connection's temporary tables.
    init(_ connection: Connection, _ table: ImportTable) async throws {
        self.connection = connection
        self.table = table
        try await connection.access { session in
            try session.query(ImportTable.statements["make_places"])
            try session.query(table.make)
        }
    }

    /// Tenants and projects as they are now.
    static func places(_ connection: Connection) async throws -> [String: PlaceDirectory.Tenant] {
        try await connection.access { session in
            var tenants: [String: PlaceDirectory.Tenant] = [:]
            for row in try session.query(ImportTable.statements["places"]) {
                let slug: String = try row.get("tenant")
                let id: UUID = try row.get("tenant_id")
                if let project: String = try row.get("project") {
                    tenants[slug, default: .init(id: id)].projects[project] = try row.get("project_id", as: UUID.self)
                } else {
                    tenants[slug] = .init(id: id)
                }
            }
            return tenants
        }
    }

    /// Writes one batch, and `books` with it: both are kept, or neither.
    func write(_ batch: CopyBatch, books: @Sendable (Session) throws -> Void = { _ in }) async throws -> Written {
        var written = Written()
        // Apart from the rows: making a partition locks out others who make some, and that should be short.
        for span in DaySpan.spans(of: batch.newDays) {
            written.partitions += try await connection.access { session in
                let statement = ImportTable.statements["ensure_partitions"]
                return try session.query(statement, table.rawValue, span.from, span.through)[0].get("created")
            }
        }
        written += try await connection.transaction(attempts: 3) { session in
            var made = Written()
            for place in batch.newPlaces { try resolve(place, session, &made) }
            if batch.rows > 0 {
                try session.copyIn(table.copy) { try stream(batch, $0) }
                made.rows = try session.query(table.insert).affected
            }
            try books(session)
            return made
        }
        return written
    }

    private func stream(_ batch: CopyBatch, _ writer: CopyWriter) throws {
        try writer.write(CopyBatch.header)
        let step = 64 * 1024
        for start in stride(from: 0, to: batch.bytes.count, by: step) {
            try writer.write(batch.bytes[start..<min(start + step, batch.bytes.count)])
        }
        try writer.write(CopyBatch.trailer)
    }

    private func resolve(_ place: Place, _ session: Session, _ made: inout Written) throws {
        let statements = ImportTable.statements
        let tenant: UUID
        switch place.tenant {
        case .known(let id): tenant = id
        case .missing(let slug):
            made.tenants += try session.query(statements["add_tenant"], slug).affected
            tenant = try session.query(statements["tenant"], slug)[0].get("id")
        }
        let project: UUID
        switch place.project {
        case .known(let id): project = id
        case .missing(let slug):
            made.projects += try session.query(statements["add_project"], tenant, slug).affected
            project = try session.query(statements["project"], tenant, slug)[0].get("id")
        }
        try session.query(statements["add_place"], Int32(place.number), tenant, project)
    }
}
