import CygniModel
import Testing

@testable import SchemaMigration

@Suite struct MigrationPlanTests {
    private func set(_ files: [String], platform: Bool = false) throws -> MigrationSet {
        try MigrationSet(
            name: platform ? "platform" : "default",
            origin: platform ? "platform" : "db",
            sources: files.map {
                ("db/\($0)", Array("-- migrate:up\nSELECT '\($0)';\n-- migrate:down\nSELECT 1;".utf8))
            },
            isPlatform: platform
        )
    }

    private func row(_ name: String, sha256: String? = nil, tool: String = "1.0.0") throws -> AppliedMigration {
        let file = try set([name]).files[0]
        return AppliedMigration(
            version: file.version,
            name: name,
            sha256: sha256 ?? file.sha256,
            appliedAt: Timestamp(seconds: 0),
            appliedBy: "me",
            duration: .zero,
            toolVersion: tool
        )
    }

    @Test(arguments: [
        (["1_a.sql"], [], ["1_a.sql"]),
        (["1_a.sql", "2_b.sql"], ["1_a.sql"], ["2_b.sql"]),
        (["10_b.sql", "9_a.sql"], [], ["9_a.sql", "10_b.sql"]),
        (["1_a.sql"], ["1_a.sql"], []),
        ([], [], []),
    ])
    func pendingIsWhatTheLedgerLacks(files: [String], applied: [String], pending: [String]) throws {
        let plan = try MigrationPlan(set: set(files), applied: applied.map { try row($0) })
        #expect(plan.pending.map(\.name) == pending)
        #expect(plan.drifts.isEmpty)
    }

    @Test func anEditedFileIsNamedWithItsWayOut() throws {
        let plan = try MigrationPlan(set: set(["1_a.sql"]), applied: [row("1_a.sql", sha256: "0")])
        #expect(plan.drifts.map(\.kind) == [.edited])
        #expect(plan.drifts[0].problem.contains("'1_a.sql' was edited after it was applied on 1970-01-01T00:00:00"))
        #expect(plan.drifts[0].wayOut.joined().contains("cygni-migrate new NAME --dir 'db'"))
    }

    @Test func otherLineEndsAreToldFromAnEdit() throws {
        let set = try set(["1_a.sql"])
        let applied = try row("1_a.sql", sha256: set.files[0].sha256WithOtherLineEnds)
        let plan = MigrationPlan(set: set, applied: [applied])
        #expect(plan.drifts.map(\.problem) == ["'1_a.sql' has other line ends than when it was applied"])
    }

    @Test func aMissingFileIsNamed() throws {
        let plan = try MigrationPlan(set: set(["2_b.sql"]), applied: [row("1_a.sql"), row("2_b.sql")])
        #expect(plan.drifts.map(\.kind) == [.missing])
        #expect(plan.drifts[0].file == "1_a.sql")
    }

    @Test func aFileBehindAnAppliedOneIsOutOfOrder() throws {
        let set = try set(["0001_a.sql", "0002_b.sql", "0003_c.sql"])
        let applied = try [row("0001_a.sql"), row("0003_c.sql")]
        let plan = MigrationPlan(set: set, applied: applied)
        #expect(plan.drifts.map(\.kind) == [.outOfOrder])
        #expect(plan.drifts[0].wayOut[0].contains("git mv 'db/0002_b.sql' 'db/0004_b.sql'"))
        let allowed = MigrationPlan(set: set, applied: applied, allowsOutOfOrder: true)
        #expect(allowed.drifts.isEmpty)
        #expect(allowed.pending.map(\.name) == ["0002_b.sql"])
    }

    @Test func anOlderExecutableIsToldWhichOneItTakes() throws {
        let plan = try MigrationPlan(
            set: set(["1_a.sql"], platform: true),
            applied: [row("1_a.sql"), row("2_b.sql", tool: "2.3.0")]
        )
        #expect(plan.drifts.map(\.kind) == [.newer])
        #expect(plan.drifts[0].wayOut[0].contains("cygni-migrate 2.3.0 or a newer one"))
    }

    @Test func revertingTakesTheNewestFirst() throws {
        let plan = try MigrationPlan(
            set: set(["1_a.sql", "2_b.sql", "3_c.sql"]),
            applied: [row("1_a.sql"), row("2_b.sql")]
        )
        #expect(try plan.reverting(1).map(\.name) == ["2_b.sql"])
        #expect(try plan.reverting(5).map(\.name) == ["2_b.sql", "1_a.sql"])
    }

    @Test(arguments: ["-- migrate:up", "-- migrate:up\n-- migrate:down\n-- nothing\n"])
    func whatCannotBeRevertedIsRefused(text: String) throws {
        let set = try MigrationSet(name: "default", origin: "db", sources: [("db/1_a.sql", Array(text.utf8))])
        var row = try row("1_a.sql")
        row.sha256 = set.files[0].sha256
        let plan = MigrationPlan(set: set, applied: [row])
        #expect(throws: MigrationFileErrors.self) { try plan.reverting(1) }
    }

    @Test(arguments: [("7", "8"), ("0009", "0010"), ("9", "10"), ("99", "100"), ("20261122031700", "20261122031701")])
    func versionsCountOn(version: String, next: String) throws {
        #expect(MigrationVersion(version)?.successor == next)
    }

    @Test(arguments: [("1", "2", true), ("9", "10", true), ("0010", "9", false), ("0007", "7", false)])
    func versionsCompareAsNumbers(left: String, right: String, isLess: Bool) throws {
        let (left, right) = (try #require(MigrationVersion(left)), try #require(MigrationVersion(right)))
        #expect((left < right) == isLess)
    }
}
