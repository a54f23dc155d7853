import CygniModel
package import CygniPostgres
import Glibc

/// The schema of a database as SQL.
package enum SchemaDump {
    /// What makes the schema anew elsewhere: with owners, rights and settings, without the ledger and without rows.
    package static func script(_ options: ConnectionOptions) async throws -> String {
        let text = try await dump(options, [])
        // Commands of psql, not SQL.
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.isRestriction }
            .joined(separator: "\n")
    }

    /// What a person reads in a pull request: equal for equal schemas, whichever minor version or login made it.
    ///
    /// - Parameter applied: the names of the set's applied files, which stand at its end.
    package static func text(_ options: ConnectionOptions, set: String, applied: [String]) async throws -> String {
        let text = try await dump(options, ["--no-owner"])
        return DumpText.plain(text) + DumpText.trailer(set: set, applied)
    }

    private static func dump(_ options: ConnectionOptions, _ flags: [String]) async throws -> String {
        var environment = processEnvironment().filter { !$0.key.hasPrefix("PG") || $0.key == "PGPASSFILE" }
        let program = try PgDump(environment)
        // A service file or a pass file that the environment names still counts: its values are in the options by now.
        environment.merge(processEnvironment().filter { $0.key.hasPrefix("PG") }) { mine, _ in mine }
        environment.merge(try options.environment()) { _, ours in ours }
        environment["LC_ALL"] = "C"
        let all =
            [
                "--schema-only", "--no-password", "--encoding=UTF8", "--lock-wait-timeout=30s",
                "--exclude-schema=cygni_migrate",
            ] + flags
        return try await program.run(all, environment)
    }

    private static func processEnvironment() -> [String: String] {
        var found: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            if let split = text.firstIndex(of: "=") {
                found[String(text[..<split])] = String(text[text.index(after: split)...])
            }
            entry += 1
        }
        return found
    }
}
