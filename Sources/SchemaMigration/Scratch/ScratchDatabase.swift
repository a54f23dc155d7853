import CygniJobs
import CygniModel
package import CygniPostgres

/// A throw-away database beside the one that options name.
///
/// Its owner holds an advisory lock for as long as it lives; a scratch database whose lock is free was left by a killed
/// run, and the next one drops it.
package struct ScratchDatabase: Sendable {
    private static let statements = StatementFile("scratch", PackageResources.scratch_sql)
    package static let prefix = "cygni_scratch_"
    /// The first half of the locks' keys, 'cysc' in ASCII; the second is the number in the name.
    private static let lockSpace: Int32 = 0x6379_7363

    package let name: String
    private let options: ConnectionOptions
    private let owner: AdvisoryLock

    /// Does `work` with the options of a new, empty database, which is removed whichever way that ends.
    ///
    /// - Parameter target: a database of the server to make it on, of the same encoding and collation.
    /// - Throws: ``JobFailure`` when the role may not make databases; what `work` throws.
    package static func with<Result: Sendable>(
        _ target: ConnectionOptions,
        _ work: @Sendable (ConnectionOptions) async throws -> Result
    ) async throws -> Result {
        let scratch = try await make(target)
        var inside = target
        inside.database = scratch.name
        do {
            let result = try await work(inside)
            try await scratch.drop()
            return result
        } catch {
            // The work's error tells more; what could not be dropped now, the next run drops.
            try? await scratch.drop()
            throw error
        }
    }

    private static func make(_ target: ConnectionOptions) async throws -> ScratchDatabase {
        var options = target
        options.isReadOnly = false
        options.lockTimeout = .zero
        options.applicationName += " scratch"
        let number = Int32.random(in: 1 ... .max)
        let name = "\(prefix)\(number)"
        guard let owner = try await AdvisoryLock.acquire(options, key: AdvisoryLockKey(lockSpace, number)) else {
            throw JobFailure("the lock of a name just made up, '\(name)', is taken: try again", status: .tryLater)
        }
        do {
            let connection = try await Connection.open(options)
            try await dropLeftOvers(connection)
            try await connection.access { session in try create(name, session) }
            await connection.close()
        } catch let error as PostgresError where error.sqlState == "42501" {
            await owner.release()
            throw JobFailure(
                "a throw-away database is needed and the role may not make one: ALTER ROLE … CREATEDB, or name another "
                    + "server's database with --scratch-url",
                status: .configuration
            )
        } catch {
            await owner.release()
            throw error
        }
        return ScratchDatabase(name: name, options: options, owner: owner)
    }

    private static func create(_ name: String, _ session: Session) throws {
        let source = try session.query(statements["source"])[0]
        func quoted(_ column: String) throws -> String {
            "'" + (try source.get(column, as: String.self)).replacing("'", with: "''") + "'"
        }
        // sql-here: a database's name and its settings cannot be bound
        let text = """
            CREATE DATABASE \(quotedIdentifier(name)) TEMPLATE template0 ENCODING \(try quoted("encoding")) \
            LC_COLLATE \(try quoted("collation")) LC_CTYPE \(try quoted("ctype"))
            """
        try session.script(text, name: "scratch.create")
    }

    private static func dropLeftOvers(_ connection: Connection) async throws {
        let names = try await connection.access { session in
            try session.query(statements["left_over"], prefix, lockSpace).map { try $0.get("name", as: String.self) }
        }
        // Another login's is not ours to drop.
        for name in names { try? await drop(name, connection) }
    }

    /// In a task of its own: a cancelled run still removes what it made.
    private func drop() async throws {
        let (name, options, owner) = (name, options, owner)
        try await Task {
            let connection = try await Connection.open(options)
            try await Self.drop(name, connection)
            await connection.close()
            await owner.release()
        }.value
    }

    private static func drop(_ name: String, _ connection: Connection) async throws {
        try await connection.access { session in
            // sql-here: a database's name cannot be bound
            try session.script(
                "DROP DATABASE IF EXISTS \(quotedIdentifier(name)) WITH (FORCE)",
                name: "scratch.drop"
            )
        }
    }
}
