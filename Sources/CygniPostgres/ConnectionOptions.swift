package import CygniModel

/// Where to connect and with which settings; the settings go as start-up options, so no statement can forget them and
/// no `RESET` undoes them.
package struct ConnectionOptions: Sendable {
    /// A libpq connection string or URL (manual, 34.1.1); what it leaves out comes from libpq's environment variables.
    package var url: String
    package var password: Secret?
    /// `application_name`: what the server's own lists show for this connection.
    package var applicationName: String
    /// Milliseconds on the wire; zero is no limit. `connect_timeout` has whole seconds, at least 2.
    package var connectTimeout: Duration = .seconds(10)
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
        var all = [
            ("TimeZone", "UTC"), ("DateStyle", "ISO"),
            ("statement_timeout", "\(statementTimeout.microseconds / 1000)"),
            ("lock_timeout", "\(lockTimeout.microseconds / 1000)"),
            ("idle_in_transaction_session_timeout", "\(idleInTransactionSessionTimeout.microseconds / 1000)"),
            ("client_connection_check_interval", "\(clientConnectionCheckInterval.microseconds / 1000)"),
        ]
        if let role { all.append(("role", role)) }
        if isReadOnly { all.append(("default_transaction_read_only", "on")) }
        all += settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return all.map { "-c \($0.0)=\(escaped($0.1))" }.joined(separator: " ")
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
