import CygniJobs
import CygniModel
import Logging
package import CygniPostgres

/// Applies the steps of a plan, each in a transaction of its own.
package struct RollupSteps: Sendable {
    package static let statements = StatementFile("rollup_steps", PackageResources.rollup_steps_sql)

    let settings: RollupSettings
    let context: JobContext

    /// Whether a step that others of this run prepare the ground for can be taken now.
    func isDue(_ step: RollupStep) async throws -> Bool {
        guard case .seal(let day) = step else { return true }
        let isSettled = try await context.read { session in
            try session.query(Self.statements["is_settled"], day).first?.get("is_settled", as: Bool.self)
                ?? true
        }
        if !isSettled {
            context.count("days_waiting_for_writers")
            context.logger.notice(
                "day not sealed yet: a transaction that may write to it is running",
                metadata: ["day": "\(day.text)"]
            )
        }
        return isSettled
    }

    func apply(_ step: RollupStep) async throws {
        switch step {
        case .makePartitions(let first, let last): try await makePartitions(first, last)
        case .openDay(let day): try await run("open_day", day)
        case .refreshHour(let hour), .dismiss(let hour): try await refreshHour(hour)
        case .refreshDay(let day): try await refreshDay(day)
        case .buildDay(let day): try await buildDay(day)
        case .publish: try await publish()
        case .seal(let day): try await seal(day)
        case .mergeMonth(let month): try await mergeMonth(month)
        case .dropRetired: try await dropRetired()
        case .audit(let hour): try await audit(hour)
        case .refuse(_, let why): throw JobFailure(why)
        }
    }

    private func makePartitions(_ first: CivilDate, _ last: CivilDate) async throws {
        let made = try await number("ensure_partitions", "made", first, last)
        context.count("partitions_made", made)
    }

    private func refreshHour(_ hour: Timestamp) async throws {
        context.crashPoint("rollup.before-hour")
        let (limits, limit) = (JSONText(settings.limitsJSON), Int32(settings.seriesLimit))
        let now = context.now
        let (verdict, samples) = try await context.transaction { session -> (String, Int) in
            let verdict =
                try session.query(Self.statements["admit_late"], hour, now).first?.get("verdict", as: String.self)
                ?? ""
            guard verdict == "refresh" else { return (verdict, 0) }
            let rows = try session.query(Self.statements["refresh_hour"], hour, limits, limit)
            context.crashPoint("rollup.in-hour")
            return (verdict, try rows.first?.get("samples") ?? 0)
        }
        context.crashPoint("rollup.after-hour")
        switch verdict {
        case "park":
            context.count("hours_parked")
            throw JobFailure(
                "late samples of \(hour.hourText) stay out of the roll-up: samples that were certified are gone, and computing the hour again would lose them; see cygni_rollup.parked"
            )
        case "ignore": context.count("hours_pruned")
        default:
            context.count("hours_refreshed")
            context.count("samples_read", samples)
            try await reportFolds(hour, hour + .hours(1))
        }
    }

    private func refreshDay(_ day: CivilDate) async throws {
        context.crashPoint("rollup.before-day")
        try await run("refresh_day", day)
        context.crashPoint("rollup.after-day")
        context.count("days_refreshed")
    }

    private func buildDay(_ day: CivilDate) async throws {
        context.crashPoint("rollup.before-build")
        let samples = try await number(
            "build_day",
            "samples",
            day,
            JSONText(settings.limitsJSON),
            Int32(settings.seriesLimit)
        )
        context.crashPoint("rollup.after-build")
        context.count("days_built")
        context.count("samples_read", samples)
        try await reportFolds(day.start, day.end)
    }

    private func seal(_ day: CivilDate) async throws {
        context.crashPoint("rollup.before-seal")
        let (wrong, state) = try await context.transaction { session -> ([Timestamp], String) in
            let wrong = try session.query(Self.statements["seal_day"], day).map {
                try $0.get("hour", as: Timestamp.self)
            }
            context.crashPoint("rollup.in-seal")
            return (wrong, try session.query(Self.statements["seal_state"], day).first?.get("state") ?? "")
        }
        context.crashPoint("rollup.after-seal")
        guard wrong.isEmpty else {
            throw JobFailure(
                "\(day.text) not sealed: \(wrong.count) hours hold other samples than the raw table (first \(wrong[0].hourText)); they are computed again by the next run"
            )
        }
        if state == "sealed" { context.count("days_sealed") }
    }

    private func mergeMonth(_ month: Timestamp) async throws {
        let merged = try await number("merge_month", "merged", month, context.now - settings.sealAfter)
        context.crashPoint("rollup.after-merge")
        context.count("relations_merged", merged)
    }

    private func audit(_ hour: Timestamp) async throws {
        let isPruned = try await context.transaction { session in
            try session.query(Self.statements["note_pruned"], hour)[0].get("is_pruned", as: Bool.self)
        }
        guard !isPruned else { return context.count("hours_pruned") }
        let findings = try await context.read { session in
            try session.query(Self.statements["audit_hour"], hour).map { try $0.get("finding", as: String.self) }
        }
        context.count("hours_audited")
        guard !findings.isEmpty else { return }
        try await run("note_audit", hour)
        throw JobFailure(
            "the roll-up of \(hour.hourText) differs from its raw samples in \(findings.count) series, first: \(findings[0]); it is computed again by the next run"
        )
    }

    /// Names the tenants whose excess series were folded, with the patterns that have most of them.
    private func reportFolds(_ start: Timestamp, _ end: Timestamp) async throws {
        let folds = try await context.read { session in
            try session.query(Self.statements["folds"], start, end).map(Fold.init(row:))
        }
        for fold in folds {
            context.count("tenant_hours_folded", fold.hours)
            context.count("series_folded", fold.seriesFolded)
            context.logger.warning(
                "tenant has more series than its plan allows; the excess was folded into one, named (other)",
                metadata: [
                    "tenant": "\(fold.tenant)", "from": "\(start.hourText)", "hours": "\(fold.hours)",
                    "series": "\(fold.seriesSeen)", "series_limit": "\(fold.seriesLimit)",
                    "samples_folded": "\(fold.samplesFolded)", "top_offenders": "\(fold.topOffenders)",
                ]
            )
        }
    }

    /// Runs one statement in a transaction and drops its rows.
    func run(_ statement: String, _ binds: any PostgresBindable...) async throws {
        let binds = binds
        try await context.transaction { session in
            _ = try session.query(Self.statements[statement], binds: binds)
        }
    }

    /// Runs one statement in a transaction and returns one number of its first row.
    func number(_ statement: String, _ column: String, _ binds: any PostgresBindable...) async throws -> Int {
        let binds = binds
        return try await context.transaction { session in
            try session.query(Self.statements[statement], binds: binds).first?.get(column) ?? 0
        }
    }
}

/// The hours of a tenant whose excess series became one.
private struct Fold: Sendable {
    let tenant: String
    let hours: Int
    let seriesLimit: Int
    /// In the worst hour.
    let seriesSeen: Int
    let seriesFolded: Int
    let samplesFolded: Int
    let topOffenders: String

    init(row: Row) throws {
        tenant = try row.get("tenant")
        hours = try row.get("hours")
        seriesFolded = try row.get("series_folded")
        seriesLimit = try row.get("series_limit")
        seriesSeen = try row.get("series_seen")
        samplesFolded = try row.get("samples_folded")
        topOffenders = try row.get("top_offenders")
    }
}
