import CygniJobs
import CygniModel
import CygniTestSupport
import Foundation
import Testing

@Suite struct ReportTests {
    /// A job whose items do nothing, or fail.
    struct Counting: Job {
        static let name = "counting"
        let size: Int
        var failing: Set<Int> = []

        func plan(_ context: JobContext) async throws -> ListJob.Plan {
            let items = (0..<size).map { PlannedItem(id: "\($0)", action: "count") }
            return .init(items: items, counts: ["found": size])
        }

        func apply(_ plan: ListJob.Plan, _ context: JobContext) async throws {
            for (index, item) in plan.items.enumerated() {
                try await context.perform(item) {
                    if failing.contains(index) { throw ListJob.Refused() }
                }
            }
        }
    }

    private func object(_ report: RunReport) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(report.json.text.utf8)) as? [String: Any])
    }

    @Test func theJSONIsTheContracts() async throws {
        try await withDatabase(.jobs) { database in
            let identity = RunIdentity.test(job: Counting.name)
            let report = await JobRunner(
                job: Counting(size: 2, failing: [1]),
                run: identity,
                settings: .test(database)
            )()
            let text = report.json.text
            let keys = [
                "job", "run_id", "trigger", "outcome", "dry_run", "started_at", "finished_at", "counts", "items",
            ]
            let places = keys.map { text.range(of: "\"\($0)\":")?.lowerBound }
            #expect(!places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
            #expect(!text.contains("\n"))
            let object = try object(report)
            #expect(object["run_id"] as? String == identity.id.uuidString.lowercased())
            #expect(object["outcome"] as? String == "partial" && object["dry_run"] as? Bool == false)
            let times = [object["started_at"], object["finished_at"]].compactMap { $0 as? String }
            #expect(times.allSatisfy { $0.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil })
            let items = try #require(object["items"] as? [[String: Any]])
            #expect(items[0]["reason"] is NSNull && items[0]["result"] as? String == "done")
            #expect(items[1]["reason"] as? String == "refused" && items[1]["result"] as? String == "failed")
            #expect(object["items_truncated"] == nil && (object["errors"] as? [String])?.isEmpty == true)
        }
    }

    @Test func itemsAreCutAtAThousandAndCountsAreWhole() async throws {
        try await withDatabase(.jobs) { database in
            for isDryRun in [true, false] {
                var identity = RunIdentity.test(job: Counting.name)
                identity.isDryRun = isDryRun
                let job = Counting(size: 1003, failing: [1001])
                let report = await JobRunner(job: job, run: identity, settings: .test(database))()
                let object = try object(report)
                #expect((object["items"] as? [Any])?.count == 1000 && object["items_truncated"] as? Bool == true)
                #expect(report.counts["found"] == 1003)
                #expect(report.counts[isDryRun ? "items_planned" : "items_done"] == (isDryRun ? 1003 : 1002))
                #expect(report.text.contains(isDryRun ? "… and 3 more" : "… and 1 more that failed"), "\(report.text)")
            }
        }
    }

    @Test func textTellsAPersonWhatMatters() async throws {
        try await withDatabase(.jobs) { database in
            let job = Counting(size: 2, failing: [0])
            let report = await JobRunner(job: job, run: .test(job: "counting"), settings: .test(database))()
            let lines = report.text.split(separator: "\n")
            #expect(lines[0].hasPrefix("counting: partly done in "))
            #expect(
                lines[1...].map(String.init) == [
                    "  found         2", "  items_done    1", "  items_failed  1", "  failed: count 0: refused",
                ]
            )
        }
    }

    @Test(arguments: [
        (CygniModel.ExitStatus.configuration, "failed"), (.unavailable, "failed"), (.tryLater, "skipped"),
        (.timedOut, "timed_out"), (.signal(15), "stopped"), (.partial, "partial"),
    ])
    func everyStatusHasItsOutcome(status: CygniModel.ExitStatus, outcome: String) {
        let now = Timestamp(seconds: 0)
        let report = RunReport(failed: .test(), status: status, errors: ["x"], startedAt: now, finishedAt: now)
        #expect(report.outcome.rawValue == outcome)
    }
}
