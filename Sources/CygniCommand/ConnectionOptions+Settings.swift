package import CygniConfig
package import CygniPostgres

extension ConnectionOptions {
    /// A connection as the settings describe it, in the login's own role.
    ///
    /// - Parameter applicationName: what the server's lists show, the executable's name.
    package init(_ settings: DatabaseSettings, applicationName: String) {
        self.init(url: settings.url.reveal(), password: settings.password, applicationName: applicationName)
        connectTimeout = settings.connectTimeout
        statementTimeout = settings.statementTimeout
        lockTimeout = settings.lockTimeout
        idleInTransactionSessionTimeout = settings.idleInTransactionSessionTimeout
        clientConnectionCheckInterval = settings.connectionCheckInterval
    }
}
