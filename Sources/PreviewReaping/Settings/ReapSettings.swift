package import CygniConfig
import CygniModel

/// The keys of `jobs/preview-reap.yaml` beside the common ones.
package struct ReapSettings: ConfigSection {
    package var platform: String
    package var policy: PolicySection
    package var plans: [String: PolicySection]
    package var projects: [String: PolicySection]
    package var forges: [String: ForgeSection]
    package var engines: [String: EngineSection]
    package var belongings: BelongingSection
    package var orphans: OrphanSection
    package var notice: NoticeSection
    package var brake: ReapBrakeSection
    package var concurrency: Int

    package init(reading reader: inout ConfigReader) {
        platform = reader.value(
            "platform",
            .text,
            default: "cygni",
            "What the label dev.cygni.platform says on what is ours; two platforms on one engine have different ones."
        )
        policy = reader.section(
            "policy",
            PolicySection.self,
            "When previews end, unless plans or projects say otherwise."
        )
        plans = reader.value(
            "plans",
            .map(of: .section("when previews of a plan end")),
            default: [:],
            "The same for tenants of a plan, as far as it differs.",
            example: "{free: {ttl: 3d, limit: 5}}"
        )
        projects = reader.value(
            "projects",
            .map(of: .section("when previews of a project end"), count: 0...10_000),
            default: [:],
            "The same for a project, by its tenant's slug and its own.",
            example: "{acme/web: {ttl: 30d}}"
        )
        forges = reader.value(
            "forges",
            .map(of: .section("a forge"), count: 0...20),
            default: [:],
            "The forges, by what projects.repository has before the colon. None: pull requests and branches end nothing.",
            example: "{github: {kind: github, token: {env: GITHUB_TOKEN}}}"
        )
        engines = reader.value(
            "engines",
            .map(of: .section("an engine"), count: 0...20),
            default: [:],
            "What previews run on, by a name of yours. None: only the ledger is kept.",
            example: "{local: {kind: docker, socket: /run/podman/podman.sock}}"
        )
        belongings = reader.section(
            "belongings",
            BelongingSection.self,
            "How what cygni.preview_belongings names is removed: DNS records, routes, databases, schemas."
        )
        orphans = reader.section("orphans", OrphanSection.self, "What has our labels and no preview behind it.")
        notice = reader.section("notice", NoticeSection.self, "Who is told before a preview ends.")
        brake = reader.section("brake", ReapBrakeSection.self, "When a run stops and asks for --approve HASH.")
        concurrency = reader.value(
            "concurrency",
            .integer(1...64),
            default: 8,
            "Previews taken down at once, over all engines."
        )
    }

    package static var standard: ReapSettings { ConfigReader.standard(ReapSettings.self) }

    /// The policy of a project.
    func policy(plan: String, project: String) -> Policy { Policy([policy, plans[plan], projects[project]]) }
}

/// What has our labels and no preview behind it.
package struct OrphanSection: ConfigSection {
    package var delete: Bool
    package var grace: Duration

    package init(reading reader: inout ConfigReader) {
        delete = reader.value("delete", .boolean, default: false, "Whether it is deleted. If not, it is only told.")
        grace = reader.value(
            "grace",
            .duration(.zero ... .days(365)),
            default: .hours(24),
            "It must have been seen twice, so far apart, before."
        )
    }
}

/// Who is told before a preview ends.
package struct NoticeSection: ConfigSection {
    package var by: Way
    package var before: Duration
    package var webhook: ConfigURL?

    package enum Way: String, CaseIterable, Sendable {
        case none, comment, webhook
    }

    package init(reading reader: inout ConfigReader) {
        by = reader.value(
            "by",
            .oneOf(Way.self),
            default: .none,
            "comment: on the pull request; webhook: a POST of JSON; none: nobody is told."
        )
        before = reader.value(
            "before",
            .duration(.zero ... .days(90)),
            default: .hours(24),
            "How long before. Once for each end."
        )
        webhook = reader.optional(
            "webhook",
            .url(["https", "http"]),
            "Where it is posted to.",
            example: "https://hooks.example/previews"
        )
        reader.check(
            ["by", "webhook"],
            "must be given together with a webhook when it is webhook",
            by != .webhook || webhook != nil
        )
    }
}

/// When a run stops and asks.
package struct ReapBrakeSection: ConfigSection {
    package var percent: Int
    package var atMost: Int
    package var atLeast: Int
    package var partial: Bool

    package init(reading reader: inout ConfigReader) {
        percent = reader.value(
            "percent",
            .integer(1...100),
            default: 40,
            "Where more than this share of the live previews would go. 100: never."
        )
        atMost = reader.value("at_most", .integer(1...1_000_000), default: 500, "Where more than so many would go.")
        atLeast = reader.value(
            "at_least",
            .integer(0...1_000_000),
            default: 10,
            "Fewer never stop a run by their share."
        )
        partial = reader.value(
            "partial",
            .boolean,
            default: true,
            "Whether a run stops when a forge or an engine did not tell all. If not, it goes on with what is known."
        )
    }
}
