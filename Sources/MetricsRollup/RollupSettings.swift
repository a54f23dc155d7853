package import CygniConfig
import CygniModel

/// The keys of `jobs/metrics-rollup.yaml` beside the common ones.
package struct RollupSettings: ConfigSection {
    /// How long after its end a day still takes late samples before it is sealed.
    package var sealAfter: Duration
    /// Series a tenant may have in an hour, by plan; the excess is folded into one.
    package var seriesLimits: [String: Int]
    /// The same for a plan that is not listed.
    package var seriesLimit: Int
    /// Hours that each run recomputes from raw samples, for one tenant each, to prove the roll-up right.
    package var auditHours: Int
    /// Days ahead for which the partitions of raw samples and log lines are made.
    package var partitionsAhead: Int

    /// What holds for a key that the file leaves out.
    package static let standard = RollupSettings()

    private init() {
        sealAfter = .hours(48)
        seriesLimits = [:]
        seriesLimit = 100_000
        auditHours = 1
        partitionsAhead = 7
    }

    package init(reading reader: inout ConfigReader) {
        sealAfter = reader.value(
            "seal_after",
            .duration(.zero ... .days(90)),
            default: Self.standard.sealAfter,
            """
            How long after its end a day still takes late samples before it is sealed: certified, and its hours merged. A \
            sample that comes later counts at once, and the day is sealed anew after the same time.
            """
        )
        seriesLimits = reader.value(
            "series_limits",
            .map(of: .integer(1...10_000_000)),
            default: Self.standard.seriesLimits,
            """
            How many series (project and metric) a tenant of each plan may have in one hour. The excess is folded into one \
            series named (other); nothing is dropped, and the largest offenders are named in the log.
            """,
            example: "{free: 1000, pro: 10000}"
        )
        seriesLimit = reader.value(
            "series_limit",
            .integer(1...10_000_000),
            default: Self.standard.seriesLimit,
            "The same for a plan that series_limits does not list."
        )
        auditHours = reader.value(
            "audit_hours",
            .integer(0...1000),
            default: Self.standard.auditHours,
            """
            How many hours, drawn at random, each run recomputes from raw samples, for one tenant each; a difference fails \
            the run.
            """
        )
        partitionsAhead = reader.value(
            "partitions_ahead",
            .integer(1...366),
            default: Self.standard.partitionsAhead,
            "For how many days ahead the partitions of metric_samples and log_lines are made."
        )
    }

    /// The limits as the database's functions take them: a JSON object of plan and number.
    var limitsJSON: String {
        let pairs = seriesLimits.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return "{\(pairs.joined(separator: ","))}"
    }
}
