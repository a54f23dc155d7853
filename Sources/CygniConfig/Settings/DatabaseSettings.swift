package import CygniModel

/// The PostgreSQL database that holds all state, and how patient a connection is.
package struct DatabaseSettings: ConfigSection {
    package let url: ConfigURL
    /// Overrides a password in the URL; nil leaves it to the URL, PGPASSFILE or the server.
    package let password: Secret?
    /// What jobs act as after login.
    package let role: String
    package let pool: Int
    package let connectTimeout: Duration
    /// Zero: no limit.
    package let statementTimeout: Duration
    /// Zero: no limit.
    package let lockTimeout: Duration
    /// Zero: no limit.
    package let idleInTransactionSessionTimeout: Duration
    /// Zero: the server does not look.
    package let connectionCheckInterval: Duration

    package init(reading reader: inout ConfigReader) {
        url = reader.required(
            "url",
            .database,
            """
            The libpq connection string or URL; any parameter of libpq may be in it (sslmode=verify-full, sslrootcert). \
            A password belongs in database.password, in a pgpass file, or comes through ${VAR}.
            """,
            example: "postgresql://cygni_owner@db.internal/cygni?sslmode=verify-full"
        )
        password = reader.optional(
            "password",
            .secret,
            "The password, as a reference; it wins over one in the URL.",
            example: "{env: CYGNI_DATABASE_PASSWORD}"
        )
        role = reader.value(
            "role",
            .text,
            default: "cygni_jobs",
            "The role that jobs act as after login; the login must be it or a member of it."
        )
        pool = reader.value("pool", .integer(1...64), default: 4, "Connections this process may open at once.")
        connectTimeout = reader.value(
            "connect_timeout",
            .duration(.seconds(1) ... .minutes(10)),
            default: .seconds(10),
            "How long opening one connection may take."
        )
        statementTimeout = reader.value(
            "statement_timeout",
            .duration(.zero ... .days(7)),
            default: .zero,
            "How long one statement may run on the server; 0s: no limit but the job's own timeout."
        )
        lockTimeout = reader.value(
            "lock_timeout",
            .duration(.zero ... .days(1)),
            default: .seconds(10),
            "How long a statement may wait for a lock that someone else holds; 0s: no limit."
        )
        idleInTransactionSessionTimeout = reader.value(
            "idle_in_transaction_session_timeout",
            .duration(.zero ... .days(1)),
            default: .minutes(5),
            "How long an open transaction may sit idle before the server ends its connection; 0s: no limit."
        )
        connectionCheckInterval = reader.value(
            "connection_check_interval",
            .duration(.zero ... .minutes(10)),
            default: .seconds(1),
            "How often the server looks, during a long statement, whether this process is still there; 0s: never."
        )
    }
}
