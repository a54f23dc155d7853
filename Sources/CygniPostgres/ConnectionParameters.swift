import CPostgres
import CygniModel
import Glibc

/// What is handed to libpq for one connection: keyword and value pairs, after our rules for TLS were applied.
struct ConnectionParameters {
    let pairs: [(keyword: String, value: String)]
    /// TLS was asked for neither by the URL nor by the environment.
    private let leavesTLSOpen: Bool

    /// - Throws: ``PostgresError`` of kind `connect` when the URL cannot be read.
    init(_ options: ConnectionOptions) throws {
        let written = try Self.parse(options.url)
        let defaults = Self.defaults()
        var pairs = [
            ("dbname", options.url), ("client_encoding", "UTF8"), ("application_name", options.applicationName),
        ]
        // The operator's own options come last, so that they win over ours.
        let ownOptions = written["options"] ?? defaults["options"] ?? ""
        pairs.append(("options", options.startupOptions + (ownOptions.isEmpty ? "" : " " + ownOptions)))
        if written["connect_timeout"] == nil {
            pairs.append(("connect_timeout", "\(max(2, options.connectTimeout.components.seconds))"))
        }
        if let password = options.password { pairs.append(("password", password.reveal())) }
        leavesTLSOpen = written["sslmode"] == nil && (defaults["sslmode"] ?? "prefer") == "prefer"
        let host = written["hostaddr"] ?? written["host"] ?? defaults["hostaddr"] ?? defaults["host"] ?? ""
        if leavesTLSOpen, !Self.staysOnThisMachine(host) { pairs.append(("sslmode", "verify-full")) }
        self.pairs = pairs.map { (keyword: $0.0, value: $0.1) }
    }

    /// Hands out the two NULL-ended arrays of `PQconnectdbParams`; they hold for the length of the call.
    func withPointers<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        let keywords = pairs.map { strdup($0.keyword) }
        let values = pairs.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        return body(keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    }

    /// libpq's default, `sslmode=prefer`, falls back to plain text without a word. A connection that leaves this machine
    /// is verified instead, unless the operator wrote another mode.
    static func staysOnThisMachine(_ hosts: String) -> Bool {
        hosts.split(separator: ",").allSatisfy { host in
            host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host.hasPrefix("127.") || host == "::1"
        }
    }

    /// Refuses a connection that ended up unencrypted to another machine without anyone having said so, as a service file
    /// can bring about.
    func check(_ connection: OpaquePointer) throws {
        let host = PQhost(connection).map { String(cString: $0) } ?? ""
        guard leavesTLSOpen, PQsslInUse(connection) == 0, !Self.staysOnThisMachine(host) else { return }
        throw PostgresError(
            .connect,
            "the connection to '\(host)' is not encrypted and no sslmode was chosen: set sslmode=verify-full with "
                + "sslrootcert, or write sslmode=disable to accept it"
        )
    }

    private static func parse(_ url: String) throws -> [String: String] {
        // A bare word is a database name to libpq, not a connection string.
        guard url.contains("=") || url.contains("://") else { return [:] }
        var message: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(url, &message) else {
            defer { PQfreemem(message) }
            // libpq quotes the part it could not read; a password may be in it.
            throw PostgresError(.connect, "the connection string cannot be read: check its quoting and its keywords")
        }
        defer { PQconninfoFree(parsed) }
        return values(parsed)
    }

    private static func defaults() -> [String: String] {
        guard let defaults = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(defaults) }
        return values(defaults)
    }

    private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { found[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return found
    }
}
