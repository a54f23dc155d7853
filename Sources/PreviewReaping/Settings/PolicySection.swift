package import CygniConfig
import CygniModel

/// When previews end, by the settings. What is nil here is as a wider policy says: of the plan, then the default.
package struct PolicySection: ConfigSection, Hashable {
    package var ttl: Duration?
    package var idle: Duration?
    package var closed: Bool?
    package var merged: Bool?
    package var branchGone: Bool?
    package var failed: Duration?
    package var cancelled: Duration?
    package var keepPerBranch: Int?
    package var keepPerProject: Int?
    package var limit: Int?
    package var lost: Bool?
    package var grace: Duration?
    package var protectedBranches: [String]?

    private static let span = ValueKind.duration(.zero ... .days(36_500))

    package init(reading reader: inout ConfigReader) {
        ttl = reader.optional("ttl", Self.span, "How long a preview lives after it was first ready.", example: "14d")
        idle = reader.optional("idle", Self.span, "How long it may be without a request.", example: "7d")
        closed = reader.optional(
            "closed",
            .boolean,
            "Whether it ends when its pull request is closed.",
            example: "true"
        )
        merged = reader.optional(
            "merged",
            .boolean,
            "Whether it ends when its pull request is merged.",
            example: "true"
        )
        branchGone = reader.optional("branch_gone", .boolean, "Whether it ends with its branch.", example: "true")
        failed = reader.optional("failed", Self.span, "How long one that failed stays.", example: "3d")
        cancelled = reader.optional("cancelled", Self.span, "How long one that was cancelled stays.", example: "3d")
        keepPerBranch = reader.optional(
            "keep_latest_per_branch",
            .integer(0...1000),
            "So many of the newest of a branch are spared by ttl, idle and limit.",
            example: "1"
        )
        keepPerProject = reader.optional(
            "keep_latest_per_project",
            .integer(0...1000),
            "So many of the newest of a project are spared by them.",
            example: "3"
        )
        limit = reader.optional(
            "limit",
            .integer(1...1_000_000),
            "So many live previews a project may have; the oldest above that end.",
            example: "50"
        )
        lost = reader.optional(
            "lost",
            .boolean,
            "Whether one ends whose runtime_ref no engine knows. If not, it is only told.",
            example: "true"
        )
        grace = reader.optional(
            "grace",
            .duration(.zero ... .days(365)),
            "An end counts when it was seen twice so far apart; as long again it can be restored before anything is deleted.",
            example: "6h"
        )
        protectedBranches = reader.optional(
            "protected_branches",
            .list(of: .text, count: 0...100),
            "Branches whose previews stay, as patterns with * for anything.",
            example: "[main, 'release/*']"
        )
    }
}

/// A policy in which everything is said.
package struct Policy: Hashable, Sendable {
    package var ttl: Duration?
    package var idle: Duration?
    package var closed = true
    package var merged = true
    package var branchGone = true
    package var failed: Duration?
    package var cancelled: Duration?
    package var keepPerBranch = 1
    package var keepPerProject = 0
    package var limit: Int?
    package var lost = false
    package var grace = Duration.hours(1)
    package var protectedBranches: [String] = []

    package init() {}

    /// - Parameter sections: the widest first; what a narrower one says wins.
    package init(_ sections: [PolicySection?]) {
        for case let section? in sections {
            ttl = section.ttl ?? ttl
            idle = section.idle ?? idle
            closed = section.closed ?? closed
            merged = section.merged ?? merged
            branchGone = section.branchGone ?? branchGone
            failed = section.failed ?? failed
            cancelled = section.cancelled ?? cancelled
            keepPerBranch = section.keepPerBranch ?? keepPerBranch
            keepPerProject = section.keepPerProject ?? keepPerProject
            limit = section.limit ?? limit
            lost = section.lost ?? lost
            grace = section.grace ?? grace
            protectedBranches = section.protectedBranches ?? protectedBranches
        }
    }

    func protects(_ branch: String) -> Bool {
        protectedBranches.contains { Self.matches(Array($0.unicodeScalars), Array(branch.unicodeScalars)) }
    }

    /// `*` is anything, a slash too.
    static func matches(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
        var (p, t, star, mark) = (0, 0, -1, 0)
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                (star, mark) = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if star >= 0 {
                mark += 1
                (p, t) = (star + 1, mark)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
