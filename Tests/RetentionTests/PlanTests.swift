import CygniConfig
import CygniJobs
import CygniModel
import RetentionPurge
import Testing

/// What a purge decides, as a pure function.
struct PlanTests {
    private func policy(_ keep: Duration = .days(30), classes: [String: Duration] = [:]) -> Policy {
        Policy(
            name: "log_lines",
            keep: keep,
            classes: classes,
            exceptions: [
                .init(tenant: "long", slug: "long", keep: .days(400)),
                .init(tenant: "short", slug: "short", keep: .days(2)),
            ],
            version: "v"
        )
    }

    private func leaf(
        _ day: String,
        rows: Int = 100,
        tenants: [String: Int] = [:],
        of retentionClass: String? = nil
    ) throws -> RetentionFacts.Leaf {
        let start = try #require(Timestamp(parsing: "\(day)T00:00:00Z"))
        var leaf = RetentionFacts.Leaf(
            policy: "log_lines",
            oid: 1,
            relation: "r",
            name: "p\(day)",
            retentionClass: retentionClass,
            range: start..<start + .days(1),
            rows: rows,
            bytes: 1,
            pages: 1,
            fingerprint: "f"
        )
        leaf.tenants = tenants
        return leaf
    }

    private func plan(
        _ leaves: [RetentionFacts.Leaf],
        now: String,
        policy given: Policy? = nil,
        _ settings: RetentionSettings = .standard
    ) throws -> RetentionPlan {
        var facts = RetentionFacts(now: try #require(Timestamp(parsing: now)))
        facts.policies = [given ?? policy()]
        facts.leaves = leaves
        return RetentionPlan(facts: facts, settings: settings, limit: 0)
    }

    @Test(arguments: [
        ("2026-03-31T23:59:59.999999Z", 0), ("2026-04-01T00:00:00Z", 1), ("2026-04-01T00:00:00.000001Z", 1),
    ])
    func `a day goes when its last moment is as old as the policy says`(now: String, items: Int) throws {
        #expect(try plan([leaf("2026-03-01")], now: now).items.count == items)
    }

    @Test(arguments: [
        // 2028 has a leap day: thirty days from the end of 1 February are 3 March, and one more in any other year.
        ("2028-02-01", "2028-03-03T00:00:00Z", 1), ("2028-02-01", "2028-03-02T23:59:59Z", 0),
        ("2027-02-01", "2027-03-04T00:00:00Z", 1), ("2028-02-29", "2028-03-31T00:00:00Z", 1),
        // A moment is a moment in any zone, and a day has 24 hours while clocks are changed.
        ("2026-03-01", "2026-04-01T02:00:00+02:00", 1), ("2026-03-01", "2026-04-01T01:59:59+02:00", 0),
    ])
    func `leap days and zones move nothing`(day: String, now: String, items: Int) throws {
        #expect(try plan([leaf(day)], now: now).items.count == items)
    }

    @Test func `a class and an exception have their own time`() throws {
        let classes = policy(classes: ["free": .days(7)])
        #expect(
            try plan([leaf("2026-03-01", of: "free")], now: "2026-03-09T00:00:00Z", policy: classes).items.count == 1
        )
        #expect(try plan([leaf("2026-03-01")], now: "2026-03-09T00:00:00Z", policy: classes).items.isEmpty)
    }

    @Test(arguments: [
        (["long": 10, "other": 90], "rewrite"), (["long": 90, "other": 10], "delete"), (["other": 100], "detach"),
    ])
    func `the weapon follows the share that goes`(tenants: [String: Int], action: String) throws {
        let items = try plan([leaf("2026-03-01", tenants: tenants)], now: "2026-04-02T00:00:00Z").items
        #expect(items.map(\.action) == [action])
    }

    @Test func `a tenant with less time goes before its day does`() throws {
        let found = try plan([leaf("2026-03-01", tenants: ["short": 10, "other": 90])], now: "2026-03-05T00:00:00Z")
        #expect(found.items.map(\.action) == ["delete"])
    }

    @Test func `a held tenant stays, and holds are no debt`() throws {
        var held = try leaf("2026-03-01", tenants: ["other": 60, "held": 40])
        held.heldTenants = ["held"]
        #expect(try plan([held], now: "2026-04-02T00:00:00Z").items.map(\.action) == ["rewrite"])
        held.obstacles = [.init(code: "hold", reason: "case")]
        let blocked = try plan([held], now: "2026-04-02T00:00:00Z")
        #expect(blocked.items.isEmpty && blocked.oldestDue("log_lines") == nil)
        held.obstacles = [.init(code: "archive", reason: "none")]
        #expect(try plan([held], now: "2026-04-02T00:00:00Z").oldestDue("log_lines") == held.range.lowerBound)
    }

    @Test func `the brake asks when much of a table would go`() throws {
        let leaves = [try leaf("2026-03-01", rows: 5000), try leaf("2026-04-01", rows: 5000)]
        let stopped = try plan(leaves, now: "2026-04-02T00:00:00Z")
        #expect(stopped.brake.count == 1 && stopped.brake[0].contains("more than 40 %"), "\(stopped.brake)")
        let small = [try leaf("2026-03-01", rows: 500), try leaf("2026-04-01", rows: 500)]
        #expect(try plan(small, now: "2026-04-02T00:00:00Z").brake.isEmpty)
        let many = [try leaf("2026-03-01", rows: 5000), try leaf("2026-04-01", rows: 50_000)]
        #expect(try plan(many, now: "2026-04-02T00:00:00Z").brake.isEmpty)
    }

    @Test func `the brake asks when much of one tenant would go`() throws {
        let leaves = [
            try leaf("2026-03-01", rows: 6000, tenants: ["short": 1500, "other": 4500]),
            try leaf("2026-04-01", rows: 1000),
        ]
        let stopped = try plan(leaves, now: "2026-03-05T00:00:00Z")
        #expect(stopped.brake.count == 1 && stopped.brake[0].contains("of tenant short"), "\(stopped.brake)")
        var usual = RetentionFacts(now: try #require(Timestamp(parsing: "2026-04-02T00:00:00Z")))
        usual.policies = [policy()]
        usual.leaves = [try leaf("2026-03-01", rows: 5000), try leaf("2026-04-01", rows: 50_000)]
        usual.medians = ["log_lines": 400]
        let many = RetentionPlan(facts: usual, settings: .standard, limit: 0)
        #expect(many.brake.count == 1 && many.brake[0].contains("10 times the usual 400"), "\(many.brake)")
    }
}
