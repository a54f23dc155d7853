package import CygniBrake
package import CygniConfig
import CygniModel

/// The keys of `jobs/preview-reap.yaml` beside the common ones.
package struct ReapSettings: ConfigSection {
    package var policy: PolicySection
    package var plans: [String: PolicySection]
    package var projects: [String: PolicySection]
    package var forges: [String: ForgeSection]
    package var belongings: BelongingSection
    package var orphans: OrphanSection
    package var notice: NoticeSection
    package var brake: BrakeSection
    package var concurrency: Int

    package init(reading reader: inout ConfigReader) {
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
        belongings = reader.section(
            "belongings",
            BelongingSection.self,
            "How what cygni.preview_belongings names is removed: DNS records, routes, databases, schemas."
        )
        orphans = reader.section("orphans", OrphanSection.self, "What has our labels and no preview behind it.")
        notice = reader.section("notice", NoticeSection.self, "Who is told before a preview ends.")
        brake = reader.section("brake", BrakeSection.self, "When a run stops and asks for --approve HASH.")
        concurrency = reader.value(
            "concurrency",
            .integer(1...64),
            default: 8,
            "Previews at once of those that run on no engine; each engine has a concurrency of its own."
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
