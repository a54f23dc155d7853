import CygniModel
import CygniPostgres
import FoundationEssentials

/// Rows of one request or of several, column by column in the form in which PostgreSQL gets them.
struct IngestRows: Sendable {
    /// Where rows go to.
    enum Table: String, Hashable, Sendable {
        case logs = "log_lines"
        case samples = "metric_samples"
    }

    /// What a row says that it belongs to.
    struct Owner: Hashable, Sendable {
        let project: UUID
        let deployment: UUID?
    }

    let table: Table
    private(set) var times = ArrayBuilder.times
    private var projects = ArrayBuilder.uuids
    private var deployments = ArrayBuilder.uuids
    /// Of lines their levels, of samples the names of their series.
    private var names = ArrayBuilder.texts
    private var messages = ArrayBuilder.texts
    private var fields = ArrayBuilder.documents
    private var values = ArrayBuilder.numbers
    /// Each owner, and the first row that names it.
    private(set) var owners: [Owner: Int] = [:]
    /// Each day since 1970 and its first row.
    private(set) var days: [Int: Int] = [:]

    private var last: (owner: Owner?, day: Int?)

    init(_ table: Table) { self.table = table }

    var count: Int { times.count }

    mutating func add(line: LogLine, at time: Timestamp) {
        note(Owner(project: line.project, deployment: line.deployment), time)
        if let deployment = line.deployment { deployments.append(deployment) } else { deployments.appendNull() }
        names.append(line.level)
        messages.append(line.message)
        line.fields.withUnsafeBytes { fields.append(document: $0) }
    }

    mutating func add(sample metric: [UInt8], _ value: Double, of project: UUID, at time: Timestamp) {
        note(Owner(project: project, deployment: nil), time)
        names.append(metric)
        values.append(value)
    }

    private mutating func note(_ owner: Owner, _ time: Timestamp) {
        // Most rows are of whom and of when the one before was.
        if owner != last.owner, owners[owner] == nil { owners[owner] = count }
        let day = Int(time.floored(to: .days(1)).microseconds / 86_400_000_000)
        if day != last.day, days[day] == nil { days[day] = count }
        last = (owner, day)
        times.append(time)
        projects.append(owner.project)
    }

    mutating func append(_ other: IngestRows) {
        times.append(contentsOf: other.times)
        projects.append(contentsOf: other.projects)
        deployments.append(contentsOf: other.deployments)
        names.append(contentsOf: other.names)
        messages.append(contentsOf: other.messages)
        fields.append(contentsOf: other.fields)
        values.append(contentsOf: other.values)
    }

    /// Writes them, within the tenant that the transaction is of.
    func write(in session: Session) throws {
        guard count > 0 else { return }
        let binds: [(any PostgresBindable)?] =
            switch table {
            case .logs: [times, projects, deployments, names, messages, fields]
            case .samples: [times, projects, names, values]
            }
        try session.query(ServerStatements.ingest[table == .logs ? "write_logs" : "write_samples"], binds: binds)
    }
}

/// One line as it came.
struct LogLine: Sendable {
    var project: UUID
    var deployment: UUID?
    var level: [UInt8]
    var message: [UInt8]
    /// A JSON object.
    var fields: [UInt8]
}
