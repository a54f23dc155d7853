import CygniConfig
import CygniModel
import CygniPostgres

/// Databases and schemas of previews on one PostgreSQL server: the comment on each says whose it is.
struct PreviewDatabases: BelongingKeeper {
    let settings: PreviewDatabaseSection
    let platform: String

    private static let statements = StatementFile("preview_databases", PackageResources.preview_databases_sql)

    func bytes(_ belonging: Belonging, of preview: Preview) async throws -> Int64 {
        try await access(belonging) { try look(belonging, $0)?.bytes ?? 0 }
    }

    func delete(_ belonging: Belonging, of preview: Preview) async throws {
        let mark = OwnerMark(platform: platform, preview: preview).text
        try await access(belonging) { session in
            guard let found = try look(belonging, session) else { return }
            guard found.comment == mark else {
                throw TeardownFault(
                    "the comment on \(belonging.words) does not name this deployment: it was left alone"
                )
            }
            let drop = Statement("drop_\(belonging.kind.rawValue)", found.drop)
            switch belonging.kind {
            case .database: try session.query(drop)
            default: try dropSchema(belonging, drop, session)
            }
        }
    }

    func probe(_ belonging: Belonging, of preview: Preview) async throws {
        guard try await access(belonging, { try look(belonging, $0) == nil }) else {
            throw TeardownFault("\(belonging.words) is still there")
        }
    }

    private struct Found: Equatable {
        var comment: String?
        var bytes: Int64
        /// The statement that drops it, written by the server.
        var drop: String
    }

    private func look(_ belonging: Belonging, _ session: Session) throws -> Found? {
        // The server cuts longer names when it makes something (PostgreSQL manual, 4.1.1), so one would not be found.
        guard belonging.name.utf8.count <= 63 else {
            throw TeardownFault(
                "the name of \(belonging.words) is longer than 63 bytes: write down what the server calls it"
            )
        }
        let statement = Self.statements[belonging.kind == .database ? "database" : "schema"]
        guard let row = try session.query(statement, belonging.name).first else { return nil }
        return Found(
            comment: try row.get("comment"),
            bytes: Int64(try row.get("bytes", as: Int.self)),
            drop: try row.get("drop")
        )
    }

    /// CASCADE takes what depends on it elsewhere too, another preview's view for instance: then nothing is dropped.
    private func dropSchema(_ belonging: Belonging, _ drop: Statement, _ session: Session) throws {
        try session.query(Self.statements["patience"])
        if let lock = try session.query(Self.statements["tables"], belonging.name).first?.get("lock", as: String?.self)
        {
            try session.query(Statement("lock_tables", lock))
        }
        if let words = try session.query(Self.statements["outside"], belonging.name).first?.get(
            "words",
            as: String.self
        ) {
            throw TeardownFault(
                "others use what is in \(belonging.words), \(words.printable) for instance: it was left alone"
            )
        }
        try session.query(drop)
    }

    /// - Throws: ``TeardownFault`` for every failure: it is not that of this run's own connection.
    private func access<Value: Sendable>(
        _ belonging: Belonging,
        _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        do {
            let connection = try await Connection.open(
                ConnectionOptions(url: settings.url.reveal(), password: settings.password, applicationName: "cygni")
            )
            do {
                // DROP DATABASE refuses to be part of a transaction.
                let value =
                    belonging.kind == .schema
                    ? try await connection.transaction(.readCommitted, body) : try await connection.access(body)
                await connection.close()
                return value
            } catch {
                await connection.close()
                throw error
            }
        } catch let error as PostgresError {
            throw TeardownFault("\(belonging.words): \(error)")
        }
    }
}
