package import CygniModel

/// Where to connect and with which settings; the settings go as start-up options, so no statement can forget them and
/// no `RESET` undoes them.
package struct ConnectionOptions: Sendable {
    /// A libpq connection string or URL (manual, 34.1.1); what it leaves out comes from libpq's environment variables.
    package var url: String
    package var password: Secret?
    /// Another database of the same server than the URL names; nil stays with that.
    package var database: String?
    /// `application_name`: what the server's own lists show for this connection.
    package var applicationName: String
    /// Per host, in whole seconds, at least 2; zero is no limit. `connect_timeout` in the URL wins.
    package var connectTimeout: Duration = .seconds(10)
    /// Milliseconds on the wire, as the limits below; zero is no limit.
    package var statementTimeout: Duration = .zero
    package var lockTimeout: Duration = .zero
    package var idleInTransactionSessionTimeout: Duration = .seconds(60)
    /// How soon the server notices during a statement that this process is gone.
    package var clientConnectionCheckInterval: Duration = .seconds(1)
    /// The role to act as after login (`role` setting); nil stays with the login role.
    package var role: String?
    /// Every transaction is read-only unless it says otherwise; a dry run opens its connections so.
    package var isReadOnly = false
    /// More server settings, by name.
    package var settings: [String: String] = [:]

    package init(url: String, password: Secret? = nil, applicationName: String) {
        self.url = url
        self.password = password
        self.applicationName = applicationName
    }

    /// The settings in the form of the `options` parameter: `-c name=value`, blanks and backslashes escaped.
    var startupOptions: String {
        var all = [("TimeZone", "UTC"), ("DateStyle", "ISO")]
        all += timeouts.map { ($0.0, "\($0.1.roundedUpMilliseconds)") }
        // The server notices a client machine that vanished within a minute, and frees its locks.
        all += [("tcp_keepalives_idle", "30"), ("tcp_keepalives_interval", "10"), ("tcp_keepalives_count", "3")]
        if let role { all.append(("role", role)) }
        if isReadOnly { all.append(("default_transaction_read_only", "on")) }
        all += settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return all.map { "-c \($0.0)=\(escaped($0.1))" }.joined(separator: " ")
    }

    private var timeouts: [(String, Duration)] {
        [
            ("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout),
            ("idle_in_transaction_session_timeout", idleInTransactionSessionTimeout),
            ("client_connection_check_interval", clientConnectionCheckInterval),
        ]
    }

    /// The settings whose value `pg_settings` shows in the very form we send it.
    ///
    /// One that ``settings`` or the URL's own options set differently is not comparable.
    var comparableSettings: [String: String] {
        var all = Dictionary(uniqueKeysWithValues: timeouts.map { ($0.0, "\($0.1.roundedUpMilliseconds)") })
        all["application_name"] = applicationName
        if isReadOnly { all["default_transaction_read_only"] = "on" }
        if let role { all["role"] = role }
        return all.filter { settings[$0.key] == nil && !url.contains($0.key) }
    }

    private func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            if character == " " || character == "\\" { text.append("\\") }
            text.append(character)
        }
        return text
    }
}

extension Duration {
    /// So that a limit below a millisecond does not become none.
    fileprivate var roundedUpMilliseconds: Int64 {
        (microseconds + 999) / 1000
    }
}
