import CygniAccess
import CygniModel
import CygniPostgres
import JobBook

/// What needs somebody, first; then what does not, as numbers.
enum OverviewPage {
    /// One number, and where it comes from.
    struct Figure: Sendable {
        let figure: String
        let figureLabel: String
        let figureHref: String
        let figureTone: String
    }

    /// Something that somebody should look at.
    struct Trouble: Sendable {
        let state: StateView
        let troubleTitle: String
        let troubleHref: String
        let troubleWords: String
        let since: TimeView?
    }

    struct Content: Sendable {
        let headline: String
        let isCalm: Bool
        let troubles: [Trouble]
        let jobs: [JobView]
        let figures: [Figure]
        let recentRuns: [RunRowView]
    }

    /// What the database counted.
    struct Counts: Sendable {
        let of: [String: Int]
        subscript(name: String) -> Int { of[name, default: 0] }

        init(_ row: Row) throws {
            var found: [String: Int] = [:]
            for name in [
                "domains_failing", "domains_quarantined", "domains_pending", "domains", "certificates_failing",
                "certificates_ending", "certificates", "previews", "previews_ending", "holds", "plans_waiting",
                "policies_behind",
            ] { found[name] = try row.get(name, as: Int.self) }
            of = found
        }

        init(_ of: [String: Int]) { self.of = of }
    }

    static let route = PageRoute.get("/", .platform(.platformRead)) { call in
        let now = call.now
        let statements = ServerStatements.pages
        let here = call.server.jobsHere
        let (jobs, counts, runs) = try await call.server.database.platform(isReading: true) { session in
            (
                try JobFacts.all(in: session), try Counts(session.query(statements["troubles"])[0]),
                try session.query(statements["runs"], Page.end, Page.lastID, String?.none, String?.none, 8)
                    .map { try RunRowView($0, now: now) }
            )
        }
        let troubles = troubles(jobs, counts, now)
        let loud = troubles.count { $0.state.tone == StateView.Tone.bad.rawValue }
        let quiet = troubles.count - loud
        return .page(
            PageView(
                template: "overview",
                title: title(failing: loud, waiting: quiet),
                content: Content(
                    headline: headline(failing: loud, waiting: quiet),
                    isCalm: troubles.isEmpty,
                    troubles: troubles,
                    jobs: jobs.map { JobView($0.expected(by: here, now: now), now: now) },
                    figures: figures(jobs, counts),
                    recentRuns: runs
                )
            )
        )
    }

    static func title(failing: Int, waiting: Int) -> String {
        failing > 0 ? "\(failing) failing" : waiting > 0 ? "\(waiting) to look at" : "All is well"
    }

    private static func headline(failing: Int, waiting: Int) -> String {
        switch (failing, waiting) {
        case (0, 0): "All is well"
        case (0, 1): "One thing to look at"
        case (0, _): "\(waiting) things to look at"
        case (1, 0): "One thing fails"
        case (_, 0): "\(failing) things fail"
        case (1, _): "One thing fails, \(waiting) to look at"
        default: "\(failing) things fail, \(waiting) to look at"
        }
    }

    static func troubles(_ jobs: [JobFacts], _ counts: Counts, _ now: Timestamp) -> [Trouble] {
        var found = jobs.filter(\.standing.isTrouble).map { job in
            let words =
                job.standing == .late
                ? "no run came for its slot of \(TimeView.words((job.lateBy ?? 0) / 1_000_000)) ago"
                : job.error.map(JobView.short) ?? "its newest run ended as \(job.state ?? "")"
            return Trouble(
                state: StateView(job.standing),
                troubleTitle: job.name,
                troubleHref: job.standing == .failing
                    ? job.runID.map { "/runs/\($0)" } ?? "/jobs/\(job.name)" : "/jobs/\(job.name)",
                troubleWords: words,
                since: TimeView(job.standing == .failing ? job.finishedAt : nil, now: now)
            )
        }
        func add(
            _ name: String,
            _ tone: StateView.Tone,
            _ word: String,
            _ href: String,
            _ one: String,
            _ many: String,
            _ words: String
        ) {
            let count = counts[name]
            guard count > 0 else { return }
            found.append(
                Trouble(
                    state: StateView(word, tone),
                    troubleTitle: count == 1 ? "1 \(one)" : "\(count) \(many)",
                    troubleHref: href,
                    troubleWords: words,
                    since: nil
                )
            )
        }
        add(
            "certificates_failing",
            .bad,
            "failing",
            "/certificates",
            "certificate",
            "certificates",
            "not renewed, or not served by the edge"
        )
        add(
            "certificates_ending",
            .bad,
            "ending",
            "/certificates",
            "certificate",
            "certificates",
            "less than a sixth of the lifetime is left"
        )
        add(
            "domains_failing",
            .bad,
            "failing",
            "/domains?state=failing",
            "domain",
            "domains",
            "verified once, and the records are gone or wrong"
        )
        add(
            "domains_quarantined",
            .warn,
            "quarantined",
            "/domains?state=quarantined",
            "domain",
            "domains",
            "held back until somebody has looked"
        )
        add(
            "policies_behind",
            .warn,
            "behind",
            "/storage",
            "retention policy",
            "retention policies",
            "rows that should have gone are still there"
        )
        add(
            "plans_waiting",
            .warn,
            "waiting",
            "/storage",
            "purge plan",
            "purge plans",
            "stopped by the brake; somebody must approve it"
        )
        return found.filter { $0.state.tone == "bad" } + found.filter { $0.state.tone != "bad" }
    }

    private static func figures(_ jobs: [JobFacts], _ counts: Counts) -> [Figure] {
        let standings = Dictionary(grouping: jobs, by: \.standing).mapValues(\.count)
        func figure(_ count: Int, _ label: String, _ href: String, _ tone: StateView.Tone = .quiet) -> Figure {
            Figure(
                figure: "\(count)",
                figureLabel: label,
                figureHref: href,
                figureTone: count > 0 ? tone.rawValue : "quiet"
            )
        }
        let bad = standings[.failing, default: 0] + standings[.late, default: 0]
        return [
            figure(jobs.count - bad, "of \(jobs.count) jobs fine", "/jobs", .good),
            figure(standings[.running, default: 0], "running now", "/runs?state=running", .busy),
            figure(
                counts["domains"] - counts["domains_failing"] - counts["domains_quarantined"]
                    - counts["domains_pending"],
                "domains verified",
                "/domains?state=verified",
                .good
            ),
            figure(counts["domains_pending"], "domains pending", "/domains?state=pending"),
            figure(
                counts["certificates"] - counts["certificates_failing"],
                "certificates fine",
                "/certificates",
                .good
            ),
            figure(counts["previews"], "previews alive", "/previews"),
            figure(counts["previews_ending"], "previews ending", "/previews"),
            figure(counts["holds"], "legal holds", "/storage"),
        ]
    }
}
