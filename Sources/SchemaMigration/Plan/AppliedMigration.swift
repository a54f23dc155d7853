package import CygniModel

/// One row of the ledger.
package struct AppliedMigration: Hashable, Sendable {
    package var version: MigrationVersion
    /// The file's name when it was applied.
    package var name: String
    package var sha256: String
    package var appliedAt: Timestamp
    package var appliedBy: String
    package var duration: Duration
    /// The version of the executable that applied it.
    package var toolVersion: String
}

/// What is known about the database before anything is decided.
package struct DatabaseFacts: Sendable {
    /// The server announced this very connection at its start; otherwise something stands in between.
    package var isDirect: Bool
    /// The role the connection logged in as.
    package var login: String
    package var database: String
    package var hasLedger: Bool
    /// The platform's roles and schemas stand; asked for its own set alone.
    package var hasPlatform: Bool
    package var applied: [AppliedMigration]
    /// Files without a transaction that an earlier run left half-way.
    package var begun: [BegunMigration]
}

/// A section without a transaction that was begun and has not ended.
package struct BegunMigration: Hashable, Sendable {
    package var version: MigrationVersion
    package var direction: Direction
    /// How many of its statements stand.
    package var done: Int
}

/// One statement of a file without a transaction that was begun.
package struct AppliedStep: Hashable, Sendable {
    /// From 1.
    package var step: Int
    /// SHA-256 of the statement's text.
    package var sha256: String
    package var summary: String
    /// false: it was sent and nothing was heard of it since.
    package var isDone: Bool
}

/// Which half of a migration runs.
package enum Direction: String, Hashable, Sendable {
    case up, down
}
