import CygniModel
import CygniPostgres

/// What the database holds and what was done with it, as the summary shows it.
struct SummaryFacts: Sendable {
    struct Source: Sendable {
        var name: String
        var tenants: Int
        var samples: Int
        var lines: Int
        var first: Timestamp?
        var last: Timestamp?
    }

    struct Run: Sendable {
        var state: String
        var startedAt: Timestamp
        var finishedAt: Timestamp?
        var counts: String
    }

    struct Series: Sendable {
        var tenant: String
        var metric: String
        var p50: Double
        var p95: Double
        var p99: Double
        var count: Int
        /// The p95 of each hour, NaN where there is none.
        var hourly: [Double]
    }

    struct Relations: Sendable {
        var level: String
        var state: String
        var count: Int
        var bytes: Int
    }

    var tenants = 0
    var projects = 0
    var deployments = 0
    var domains = 0
    var sources: [Source] = []
    var rollups: [Run] = []
    var slowest: [Series] = []
    var relations: [Relations] = []

    /// Hours that the chart goes back.
    static let chartHours = 72

    static func read(now: Timestamp, _ session: Session) throws -> SummaryFacts {
        let statements = StatementFile("summary", PackageResources.summary_sql)
        var facts = SummaryFacts()
        let platform = try session.query(statements["platform"])[0]
        facts.tenants = try platform.get("tenants")
        facts.projects = try platform.get("projects")
        facts.deployments = try platform.get("deployments")
        facts.domains = try platform.get("domains")
        facts.sources = try session.query(statements["sources"]).map { row in
            Source(
                name: try row.get("source"),
                tenants: try row.get("tenants"),
                samples: try row.get("samples"),
                lines: try row.get("lines"),
                first: try row.get("first", as: Timestamp?.self),
                last: try row.get("last", as: Timestamp?.self)
            )
        }
        facts.rollups = try session.query(statements["runs"], "metrics-rollup").map { row in
            Run(
                state: try row.get("state"),
                startedAt: try row.get("started_at"),
                finishedAt: try row.get("finished_at", as: Timestamp?.self),
                counts: try row.get("counts")
            )
        }
        let since = now - SampleLoad.fullHistory - .days(1)
        facts.slowest = try session.query(statements["slowest"], since, chartHours).map { row in
            Series(
                tenant: try row.get("tenant"),
                metric: try row.get("metric"),
                p50: try row.get("p50"),
                p95: try row.get("p95"),
                p99: try row.get("p99"),
                count: try row.get("count"),
                hourly: try row.get("hourly")
            )
        }
        facts.relations = try session.query(statements["relations"]).map { row in
            Relations(
                level: try row.get("level"),
                state: try row.get("state"),
                count: try row.get("relations"),
                bytes: try row.get("bytes")
            )
        }
        return facts
    }
}
