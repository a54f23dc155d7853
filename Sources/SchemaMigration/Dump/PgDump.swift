import CygniJobs
import CygniModel
import CygniPostgres
import Dispatch
import Glibc

/// PostgreSQL's own pg_dump: nothing else knows every kind of object of every version.
struct PgDump: Sendable {
    let path: String

    /// The first of `$CYGNI_POSTGRES_BIN`, PATH and Debian's folders, newest version first.
    ///
    /// - Throws: ``JobFailure`` when there is none.
    init(_ environment: [String: String]) throws {
        let own = environment["CYGNI_POSTGRES_BIN"].map { [$0] } ?? []
        let search = environment["PATH", default: ""].split(separator: ":").map(String.init)
        let debian = (10...30).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
        guard let folder = (own + debian + search).first(where: { access("\($0)/pg_dump", X_OK) == 0 }) else {
            throw JobFailure(
                "pg_dump is not on this machine: install the package postgresql-client, in the server's version or newer",
                status: .unavailable
            )
        }
        path = "\(folder)/pg_dump"
    }

    /// - Parameter environment: where the database is, in libpq's variables.
    /// - Returns: what it prints.
    /// - Throws: ``JobFailure`` with pg_dump's own words.
    func run(_ arguments: [String], _ environment: [String: String]) async throws -> String {
        let path = path
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.run(path, arguments, environment) })
            }
        }
    }

    private static func run(_ path: String, _ arguments: [String], _ environment: [String: String]) throws -> String {
        guard let output = tmpfile(), let errors = tmpfile() else {
            throw JobFailure("failed to make a temporary file: \(String(cString: strerror(errno)))")
        }
        defer {
            fclose(output)
            fclose(errors)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, fileno(output), STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDERR_FILENO)
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var child = pid_t()
        let number = posix_spawn(&child, path, &actions, nil, &words, &variables)
        guard number == 0 else {
            throw JobFailure("failed to start '\(path)': \(String(cString: strerror(number)))")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            let said = text(of: errors).trimmingBlanks
            throw JobFailure("'\(path)' failed: \(said.isEmpty ? "wait status \(status)" : said)")
        }
        return text(of: output)
    }

    private static func text(of file: UnsafeMutablePointer<FILE>) -> String {
        rewind(file)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
