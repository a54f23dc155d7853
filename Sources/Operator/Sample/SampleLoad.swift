import CygniAudit
import CygniModel
import CygniPostgres

/// Loads the sample platform: tenants and what they run, and two weeks of metrics and logs up to the last full hour.
///
/// What is there is not loaded again; what has become due since the last load is added.
struct SampleLoad: Sendable {
    /// What a load added.
    struct Added: Sendable, Equatable {
        var tenants = 0
        var projects = 0
        var deployments = 0
        var domains = 0
        var samples = 0
        var lateSamples = 0
        var lines = 0
    }

    /// How far back a first load goes.
    static let fullHistory = Duration.days(14)

    private let connection: Connection
    private let history: Duration
    private let platform = StatementFile("sample_platform", PackageResources.sample_platform_sql)
    private let data = StatementFile("sample_data", PackageResources.sample_data_sql)

    init(_ connection: Connection, history: Duration = fullHistory) {
        self.connection = connection
        self.history = history
    }

    /// - Parameter progress: told the share that is done, 0 to 1.
    func run(now: Timestamp, progress: (Double) -> Void) async throws -> Added {
        var added = try await loadPlatform(now)
        let until = now.floored(to: .hours(1))
        let oldest = now.floored(to: .days(1)) - history
        let last = try await connection.access { session in
            try session.query(data["loaded_until"], oldest)[0].get("at", as: Timestamp?.self)
        }
        let from = last.map { $0.floored(to: .hours(1)) + .hours(1) } ?? oldest
        for piece in Self.pieces(from, until) {
            try await load(piece, withLate: last != nil || piece.start > oldest, &added)
            progress((piece.end - from).inSeconds / (until - from).inSeconds)
        }
        guard added != Added() else { return added }
        let details = JSONText(added.json.text)
        let event = AuditEvent(tenant: nil, actor: "tool:cygni", action: "sample-load", details: details)
        try await connection.transaction { session in _ = try AuditLog.append(event, in: session) }
        return added
    }

    /// A stretch of time within one UTC day.
    struct Piece: Hashable, Sendable {
        var start: Timestamp
        var end: Timestamp
    }

    static func pieces(_ from: Timestamp, _ until: Timestamp) -> [Piece] {
        var pieces: [Piece] = []
        var start = from
        while start < until {
            let end = min(until, start.floored(to: .days(1)) + .days(1))
            pieces.append(Piece(start: start, end: end))
            start = end
        }
        return pieces
    }

    private func loadPlatform(_ now: Timestamp) async throws -> Added {
        try await connection.access { session in _ = try session.query(platform["make_sample_projects"]) }
        return try await connection.transaction { session in
            if let taken = try session.query(platform["taken"]).first {
                throw SampleNameTaken(slug: try taken.get("slug"))
            }
            var added = Added()
            added.tenants = try session.query(platform["tenants"], now).affected
            added.projects = try session.query(platform["projects"], now).affected
            added.deployments = try session.query(platform["deployments"], now).affected
            added.domains = try session.query(platform["domains"], now).affected
            return added
        }
    }

    /// One piece in one transaction: its metrics and logs, and the samples of a day earlier that come only now.
    private func load(_ piece: Piece, withLate: Bool, _ added: inout Added) async throws {
        let day = piece.start.date
        try await connection.access { session in
            for table in [ImportTable.samples, .logs] {
                try session.query(ImportTable.statements["ensure_partitions"], table.rawValue, day, day)
            }
        }
        let counts = try await connection.transaction(attempts: 3) { session in
            let samples = try session.query(data["samples"], piece.start, piece.end, false).affected
            let late =
                withLate
                ? try session.query(data["samples"], piece.start - .days(1), piece.end - .days(1), true).affected : 0
            return (samples, late, try session.query(data["lines"], piece.start, piece.end).affected)
        }
        added.samples += counts.0 + counts.1
        added.lateSamples += counts.1
        added.lines += counts.2
    }
}

/// A tenant that is none of ours bears a sample's name.
struct SampleNameTaken: Error, CustomStringConvertible {
    let slug: String

    var description: String {
        "there is a tenant '\(slug)' that is not the sample's: the sample platform belongs in a database of its own"
    }
}
