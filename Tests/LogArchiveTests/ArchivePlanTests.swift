import CygniConfig
import CygniJobs
import CygniModel
import LogArchive
import Testing

struct ArchivePlanTests {
    private let now = Timestamp(parsing: "2026-11-22T12:00:00Z") ?? Timestamp(seconds: 0)
    private let settings = ArchiveSettings.standard
    private let state = SourceState(changes: 5, filenode: 1, cluster: "c")

    private func day(_ text: String) -> Range<Timestamp> {
        let start = Timestamp(parsing: "\(text)T00:00:00Z") ?? now
        return start..<start + .hours(24)
    }

    private func source(_ date: String, bytes: Int64 = 8192) -> TableSource {
        TableSource(
            name: "log_lines_p\(date.filter { $0 != "-" })",
            relation: "cygni.x",
            settings: "log_lines",
            range: day(date),
            bytes: bytes,
            tuples: 100,
            state: state
        )
    }

    private func receipt(_ range: Range<Timestamp>, part: Int = 0, verified: Bool = true, stored: Bool = false)
        -> Receipt
    {
        var receipt = Receipt(
            id: "id",
            objectKey: "key",
            part: part,
            range: range,
            rows: 1,
            rowDigest: nil,
            isVerified: verified,
            state: state
        )
        receipt.isStored = stored
        return receipt
    }

    private func plan(_ sources: [TableSource], files: [FileFact] = [], _ settings: ArchiveSettings? = nil)
        -> ArchivePlan
    {
        var facts = ArchiveFacts(now: now)
        facts.sources = sources
        facts.files = files
        return ArchivePlan(facts: facts, settings: settings ?? self.settings, limit: 0)
    }

    @Test func `a closed day is archived, an open one is not, and why is told`() {
        let plan = plan([source("2026-11-20"), source("2026-11-22"), source("2026-11-19", bytes: 0)])
        #expect(plan.items.map(\.id) == ["log_lines_p20261120"])
        #expect(plan.skipped.map(\.reason) == ["not closed before 2026-11-23T01:00:00.000Z", "empty"])
        #expect(plan.counts["planned_objects"] == 1)
    }

    @Test func `a busy day is divided by hours, the same way each time, without gap or overlap`() {
        let busy = source("2026-11-20", bytes: 640 << 20)
        let slices = plan([busy]).entries.compactMap { entry -> Range<Timestamp>? in
            if case .slice(_, let range) = entry.step { range } else { nil }
        }
        #expect(slices.count == 6)
        #expect(slices.first?.lowerBound == busy.range?.lowerBound)
        #expect(slices.last?.upperBound == busy.range?.upperBound)
        for (left, right) in zip(slices, slices.dropFirst()) { #expect(left.upperBound == right.lowerBound) }
    }

    @Test func `what is covered is not read again; what is begun and stored is proven first`() {
        var half = source("2026-11-20")
        let range = day("2026-11-20")
        half.receipts = [receipt(range.lowerBound..<range.lowerBound + .hours(6))]
        #expect(
            plan([half]).items.map(\.id) == ["log_lines_p20261120 2026-11-20T06:00:00.000Z..2026-11-21T00:00:00.000Z"]
        )
        var begun = source("2026-11-20")
        begun.receipts = [receipt(range, verified: false, stored: true)]
        #expect(plan([begun]).items.map(\.action) == ["verify"])
        begun.receipts = [receipt(range, verified: false)]
        #expect(plan([begun]).items.map(\.action) == ["archive"])
    }

    @Test func `a whole archive is looked at again only when its table changed`() {
        var whole = source("2026-11-20")
        whole.receipts = [receipt(day("2026-11-20"))]
        #expect(plan([whole]).items.isEmpty)
        whole.state.changes += 1
        #expect(plan([whole]).items.map(\.action) == ["supplement"])
        whole.state.changes -= 1
        whole.state.cluster = "restored"
        #expect(plan([whole]).items.map(\.action) == ["supplement"])
    }

    @Test func `files: settled ones are taken, known ones disposed of`() throws {
        let yaml = "files: {web: {paths: [/x/*], after: remove}, kept: {paths: [/y/*]}}"
        let settings = try ConfigLoader.load(ArchiveSettings.self, bytes: Array(yaml.utf8), file: "f", environment: [:])
            .settings
        func file(_ path: String, age: Duration, size: Int64 = 5, archive: String? = nil, _ group: String = "web")
            -> FileFact
        {
            let at = (now - age).microseconds
            var fact = FileFact(
                path: path,
                settings: group,
                identity: FileIdentity(device: 1, inode: 1, size: size, modifiedAt: at)
            )
            fact.archive = archive
            return fact
        }
        let plan = plan(
            [],
            files: [
                file("/x/old", age: .hours(1)), file("/x/new", age: .minutes(1)),
                file("/x/empty", age: .hours(1), size: 0),
                file("/x/known", age: .hours(1), archive: "a"), file("/y/known", age: .hours(1), archive: "a", "kept"),
                file("/x/future", age: .hours(-5)),
            ],
            settings
        )
        #expect(plan.items.map { "\($0.action) \($0.id)" } == ["archive /x/old", "remove /x/known"])
        #expect(plan.skipped.map(\.id) == ["/x/new", "/x/empty", "/y/known", "/x/future"])
    }

    @Test func `a limit cuts the plan and what it comes to`() {
        var facts = ArchiveFacts(now: now)
        facts.sources = [source("2026-11-18"), source("2026-11-19"), source("2026-11-20")]
        let plan = ArchivePlan(facts: facts, settings: settings, limit: 2)
        #expect(plan.items.count == 2)
        #expect(plan.counts["planned_objects"] == 2)
    }
}
