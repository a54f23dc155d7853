import CygniAccess
import CygniLog
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// Metrics out of the roll-ups.
enum MetricEndpoints {
    private static let statements = ServerStatements.metrics

    private static let point = Schema.object([
        .init("at", .time, "When its step begins."),
        .init("count", .integer(0...Int.max), "Finite samples."),
        .init("sum", .nullable(.number), ""),
        .init("avg", .nullable(.number), "null: there is no finite sample."),
        .init("min", .nullable(.number), ""),
        .init("max", .nullable(.number), ""),
        .init("not_finite", .integer(0...Int.max), "Samples that were NaN or infinite: in none of the others."),
        .init("percentiles", .map(.nullable(.number)), "By their number, as in 99.9."),
    ])

    private static let shape = Schema.named(
        "MetricSeries",
        .object([
            .init("metric", .text, ""),
            .init("level", .choice(MetricRange.Level.allCases.map(\.rawValue)), "The roll-up that was read."),
            .init("step", .integer(60...Int.max), "Seconds."),
            .init("from", .time, "On a border of the step."),
            .init("to", .time, "The same; not included."),
            .init("percentile_error", .number, "A percentile is at most this part of the exact one off."),
            .init(
                "points",
                .array(point, count: 0...MetricRange.mostPoints),
                "Oldest first; a step without samples has none."
            ),
        ])
    )

    static let all = [
        APIOperation(
            id: "queryMetrics",
            method: .get,
            path: "/v2/metrics/query",
            area: .metrics,
            summary: "A metric over time",
            detail: """
                Read from the roll-ups, so it is as new as their last run. Without a project, all of the tenant's are taken together. \
                Percentiles are of merged histograms, never of other percentiles.
                """,
            access: .tenant(.metricsRead),
            rate: .reads,
            parameters: [
                .init(
                    "metric",
                    .query,
                    .text(1...IngestBounds.metric),
                    "The series, by its whole name.",
                    required: true
                ),
                .init("project", .query, .uuid, "Only this project's."),
                .init("from", .query, .time, "An hour before to, if not given."),
                .init("to", .query, .time, "Now, if not given."),
                .init(
                    "step",
                    .query,
                    .integer(60...31_536_000),
                    "Seconds of a point: whole minutes, hours or days. Chosen by the range, if not given."
                ),
                .init(
                    "percentiles",
                    .query,
                    .text(1...100, pattern: "[0-9]{1,2}(\\.[0-9]{1,3})?(,[0-9]{1,2}(\\.[0-9]{1,3})?){0,9}"),
                    "Up to ten, from 0 to below 100, by commas; 50,95,99 if not given."
                ),
            ],
            answers: [.init(.ok, "The points there are.", shape)],
            isHeavy: true,
            handler: .any(query)
        )
    ]

    /// (g - 1) / (g + 1) of migration 0007, where g is the eighth root of 2.
    private static let percentileError = 0.0433

    private static func query(_ call: Call) async throws -> Reply {
        let arguments = call.arguments
        let to = arguments.time("to") ?? .wallClock()
        let from = arguments.time("from") ?? to - .hours(1)
        let range = try MetricRange(from: from, to: to, step: arguments.query["step"]?.int)
        let names = (arguments.text("percentiles") ?? "50,95,99").split(separator: ",").map(String.init)
        guard Set(names).count == names.count else {
            throw Problem(.invalidRequest, faults: [.init("query/percentiles", "must not name one twice")])
        }
        let points = try await call.server.database.read(
            call.tenant,
            statements["points"],
            binds: [
                arguments.text("metric"), range.from, range.to, "\(range.step) seconds", arguments.uuid("project"),
                names.map { (Double($0) ?? 0) / 100 }, range.level.rawValue,
            ]
        ) { rows in try rows.map { try item($0, names) } }
        return .json(
            .object([
                ("metric", .string(arguments.text("metric") ?? "")), ("level", .string(range.level.rawValue)),
                ("step", .integer(range.step)), ("from", .time(range.from)), ("to", .time(range.to)),
                ("percentile_error", .number(percentileError)), ("points", .array(points)),
            ])
        )
    }

    private static func item(_ row: Row, _ names: [String]) throws -> JSONValue {
        let count = try row.get("count", as: Int.self)
        func number(_ value: Double?) -> JSONValue { count > 0 ? value.map(JSONValue.number) ?? .null : .null }
        let sum = try row.get("sum", as: Double?.self)
        let quantiles = try row.get("quantiles", as: [Double?].self)
        return .object([
            ("at", .time(try row.get("at"))), ("count", .integer(count)), ("sum", number(sum)),
            ("avg", number(sum.map { $0 / Double(count) })), ("min", number(try row.get("min"))),
            ("max", number(try row.get("max"))), ("not_finite", .integer(try row.get("not_finite"))),
            ("percentiles", .object(zip(names, quantiles).map { ($0, number($1)) })),
        ])
    }
}
