import CPostgres
import CygniModel
import Glibc

/// What is handed to libpq for one connection: keyword and value pairs, after our rules for TLS were applied.
struct ConnectionParameters {
    let pairs: [(keyword: String, value: String)]
    /// What the URL itself says, by keyword.
    let written: [String: String]
    /// How long connecting may take in all.
    let timeLimit: Duration
    /// TLS was asked for neither by the URL nor by the environment.
    private let leavesTLSOpen: Bool

    /// - Throws: ``PostgresError`` of kind `connect` when the URL cannot be read.
    init(_ options: ConnectionOptions) throws {
        let written = try Self.parse(options.url)
        let defaults = ConnectionInfo.defaults()
        var pairs = [
            ("dbname", options.url), ("client_encoding", "UTF8"), ("application_name", options.applicationName),
        ]
        // The operator's own options come last, so that they win over ours.
        let ownOptions = written["options"] ?? defaults["options"] ?? ""
        pairs.append(("options", options.startupOptions + (ownOptions.isEmpty ? "" : " " + ownOptions)))
        // Only the first dbname is read as a connection string (manual, PQconnectdbParams); this one is a plain name.
        if let database = options.database { pairs.append(("dbname", database)) }
        if let password = options.password { pairs.append(("password", password.reveal())) }

        let hosts = written["hostaddr"] ?? written["host"] ?? defaults["hostaddr"] ?? defaults["host"] ?? ""
        let hostCount = hosts.split(separator: ",").count
        let secondsPerHost = written["connect_timeout"].flatMap { Int64($0) } ?? options.connectTimeout.roundedUpSeconds
        timeLimit = secondsPerHost > 0 ? .seconds(max(2, secondsPerHost) * Int64(max(1, hostCount))) : .days(1)
        for (keyword, value) in Self.liveness where written[keyword] == nil { pairs.append((keyword, value)) }
        if written["tcp_user_timeout"] == nil {
            // Also ends the wait for a host that swallows the first packet, so that the next of several gets its turn.
            pairs.append(("tcp_user_timeout", hostCount > 1 ? "\(max(2, secondsPerHost) * 1000)" : "60000"))
        }

        leavesTLSOpen = written["sslmode"] == nil && (defaults["sslmode"] ?? "prefer") == "prefer"
        if leavesTLSOpen, !LocalHost.isMeant(by: hosts) { pairs.append(("sslmode", "verify-full")) }
        self.pairs = pairs.map { (keyword: $0.0, value: $0.1) }
        self.written = written
    }

    /// For a second connection to the very server that `connection`, an encrypted one, has reached.
    init(cancelling connection: OpaquePointer) {
        var values = ConnectionInfo.of(connection)
        for (keyword, value) in [("host", PQhost(connection)), ("hostaddr", PQhostaddr(connection))] {
            let text = value.map { String(cString: $0) } ?? ""
            values[keyword] = text.isEmpty ? nil : text
        }
        values["port"] = PQport(connection).map { String(cString: $0) }
        values["dbname"] = PQdb(connection).map { String(cString: $0) }
        values["user"] = PQuser(connection).map { String(cString: $0) }
        values["password"] = PQpass(connection).map { String(cString: $0) }
        values["options"] = "-c statement_timeout=5000"
        values["connect_timeout"] = "5"
        values["target_session_attrs"] = "any"
        if PQsslInUse(connection) == 1, values["sslmode"] != "verify-full", values["sslmode"] != "verify-ca" {
            values["sslmode"] = "require"
        }
        pairs = values.map { (keyword: $0.key, value: $0.value) }
        written = values
        timeLimit = .seconds(5)
        leavesTLSOpen = false
    }

    /// A peer that vanished without a word is noticed within a minute, not after the system's two hours.
    private static let liveness = [
        ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
    ]

    /// Hands out the two NULL-ended arrays of `PQconnectdbParams`; they hold for the length of the call.
    func withPointers<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        let keywords = pairs.map { strdup($0.keyword) }
        let values = pairs.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        return body(keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    }

    /// Refuses a connection that ended up unencrypted to another machine without anyone having said so, as a service file
    /// can bring about.
    func check(_ connection: OpaquePointer) throws {
        let host = PQhost(connection).map { String(cString: $0) } ?? ""
        let isEncrypted = PQsslInUse(connection) == 1 || PQgssEncInUse(connection) == 1
        guard leavesTLSOpen, !isEncrypted, !LocalHost.isMeant(by: host) else { return }
        throw PostgresError.permanent(
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
            throw PostgresError(
                .parameters,
                "the connection string cannot be read: check its quoting and its keywords"
            )
        }
        defer { PQconninfoFree(parsed) }
        return ConnectionInfo.values(parsed)
    }
}

extension Duration {
    fileprivate var roundedUpSeconds: Int64 {
        components.seconds + (components.attoseconds > 0 ? 1 : 0)
    }
}
