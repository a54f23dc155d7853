import CygniEngines
import CygniModel
import Foundation
import PreviewReaping
import Testing

/// What ends a preview, and what keeps it: pure values.
@Suite struct JudgeTests {
    static let now = Timestamp(parsing: "2026-11-24T12:00:00Z") ?? .init(microseconds: 0)

    static func preview(_ change: (inout Preview) -> Void = { _ in }) -> Preview {
        var preview = Preview(
            tenant: UUID(),
            id: UUID(),
            project: "acme/web",
            plan: "free",
            repository: "github:acme/web",
            branch: "fix",
            pullRequest: 7,
            state: .ready,
            createdAt: now - .days(20)
        )
        change(&preview)
        return preview
    }

    static func facts(_ change: (inout ForgeFacts.Repository) -> Void = { _ in }) -> ForgeFacts {
        var facts = ForgeFacts()
        var repository = ForgeFacts.Repository()
        repository.pullRequests[7] = .open
        change(&repository)
        facts.repositories["github:acme/web"] = repository
        return facts
    }

    static func judge(_ policy: Policy, _ facts: ForgeFacts = facts(), running: Set<String>? = nil) -> Judge {
        var engines = EngineFacts()
        engines.answered = ["local"]
        engines.objects = (running ?? []).map {
            EngineObject(engine: "local", kind: "container", ref: $0, name: $0, deployment: $0)
        }
        if running == nil { (engines.answered, engines.silent) = ([], ["local"]) }
        return Judge(policy: policy, facts: facts, now: now, places: Places(engines))
    }

    static func rule(_ verdict: Verdict) -> Rule? { if case .ends(let rule, _) = verdict { rule } else { nil } }

    static var short: Policy {
        var policy = Policy()
        (policy.ttl, policy.keepPerBranch) = (.days(10), 0)
        return policy
    }

    @Test func `a time to live ends at its microsecond and not before`() {
        let old = Self.preview { $0.createdAt = Self.now - .days(10) }
        let young = Self.preview { $0.createdAt = Self.now - .days(10) + .microseconds(1) }
        let verdicts = Self.judge(Self.short).verdicts([old, young])
        #expect(Self.rule(verdicts[0]) == .ttl)
        #expect(verdicts[1] == .lives(until: Self.now + .microseconds(1), by: .ttl))
    }

    @Test func `time counts from when it was ready, and idleness from the last request`() {
        var policy = Self.short
        policy.idle = .days(3)
        policy.ttl = nil
        let used = Self.preview { $0.lastActiveAt = Self.now - .days(1) }
        let unused = Self.preview { $0.lastActiveAt = Self.now - .days(4) }
        let fresh = Self.preview { $0.readyAt = Self.now - .days(2) }
        let verdicts = Self.judge(policy).verdicts([used, unused, fresh])
        #expect(verdicts.map(Self.rule) == [nil, .idle, nil])
    }

    @Test(arguments: [
        (ForgeFacts.PullRequest.open, Rule?.none), (.closed, .closed), (.merged, .merged),
    ])
    func `a pull request that is no longer open`(state: ForgeFacts.PullRequest, rule: Rule?) {
        let facts = Self.facts { $0.pullRequests[7] = state }
        #expect(Self.rule(Self.judge(Policy(), facts).verdicts([Self.preview()])[0]) == rule)
    }

    @Test func `what a forge did not say ends nothing, whatever else would`() {
        let previews = [
            Self.preview(), Self.preview { $0.expiresAt = Self.now - .days(1) }, Self.preview { $0.state = .failed },
            Self.preview { ($0.pullRequest, $0.branch) = (nil, "gone") },
        ]
        var policy = Self.short
        (policy.failed, policy.limit, policy.idle) = (.zero, 1, .zero)
        let facts = Self.facts { ($0.pullRequests, $0.fault) = ([:], "maintenance") }
        for verdict in Self.judge(policy, facts).verdicts(previews) { #expect(verdict == .unknown("maintenance")) }
    }

    @Test func `a branch that is gone ends what has no pull request`() {
        let facts = Self.facts { $0.branches = ["gone": false, "there": true] }
        let previews = ["gone", "there"].map { branch in
            Self.preview { ($0.pullRequest, $0.branch) = (nil, branch) }
        }
        #expect(Self.judge(Policy(), facts).verdicts(previews).map(Self.rule) == [.branchGone, nil])
    }

    @Test func `pinned, protected and aliased ones stay`() {
        var policy = Self.short
        policy.protectedBranches = ["release/*"]
        let facts = Self.facts { $0.pullRequests[7] = .merged }
        let previews = [
            Self.preview { $0.isPinned = true }, Self.preview { $0.isProtected = true },
            Self.preview { $0.aliases = ["next.example"] }, Self.preview { $0.branch = "release/2.0" },
            Self.preview { $0.state = .building }, Self.preview { $0.state = .queued },
        ]
        for verdict in Self.judge(policy, facts).verdicts(previews) {
            guard case .stays = verdict else {
                Issue.record("\(verdict)")
                continue
            }
        }
    }

    @Test func `the newest of a branch are spared by time, not by a closed pull request`() {
        var policy = Self.short
        policy.keepPerBranch = 1
        let newer = Self.preview { $0.createdAt = Self.now - .days(15) }
        let older = Self.preview()
        #expect(
            Self.judge(policy).verdicts([older, newer]) == [
                .ends(.ttl, "it is older than 10d"), .stays("one of the newest"),
            ]
        )
        let facts = Self.facts { $0.pullRequests[7] = .closed }
        #expect(Self.judge(policy, facts).verdicts([older, newer]).map(Self.rule) == [.closed, .closed])
    }

    @Test func `a limit takes the oldest, and what stays takes places`() {
        var policy = Policy()
        (policy.limit, policy.keepPerBranch) = (2, 0)
        let previews = (1...4).map { age in Self.preview { $0.createdAt = Self.now - .days(age) } }
        #expect(Self.judge(policy).verdicts(previews).map(Self.rule) == [nil, nil, .limit, .limit])
        var pinned = previews
        pinned[0].isPinned = true
        pinned[1].isPinned = true
        #expect(Self.judge(policy).verdicts(pinned).map(Self.rule) == [nil, nil, .limit, .limit])
    }

    @Test func `one that became ready after engines were asked is not lost`() {
        var policy = Policy()
        policy.lost = true
        let ready = [Self.now - .microseconds(1), Self.now, Self.now + .seconds(1)].map { at in
            Self.preview { ($0.runtimeRef, $0.readyAt) = ("c1", at) }
        }
        #expect(Self.judge(policy, running: ["other"]).verdicts(ready).map(Self.rule) == [.lost, nil, nil])
    }

    @Test func `one that no engine knows ends only where policy says so`() {
        var policy = Policy()
        let preview = Self.preview { $0.runtimeRef = "c1" }
        #expect(Self.judge(policy, running: ["other"]).verdicts([preview]) == [.stays("no engine has anything of it")])
        policy.lost = true
        #expect(Self.judge(policy, running: ["other"]).verdicts([preview]).map(Self.rule) == [.lost])
        // Nobody could tell.
        #expect(Self.judge(policy, running: nil).verdicts([preview]).map(Self.rule) == [nil])
    }

    @Test func `a narrower policy wins in what it says, and leaves the rest as it was`() {
        var (wide, narrow) = (ReapSettings.standard.policy, ReapSettings.standard.policy)
        (wide.ttl, wide.idle, wide.closed, wide.protectedBranches) = (.days(1), .days(3), false, ["main"])
        (narrow.ttl, narrow.protectedBranches) = (.days(2), [])
        let policy = Policy([wide, nil, narrow])
        #expect(policy.ttl == .days(2) && policy.idle == .days(3) && !policy.closed && policy.merged)
        #expect(policy.protectedBranches.isEmpty && policy.grace == .hours(1))
        #expect(Policy([narrow, wide]).ttl == .days(1))
    }

    @Test func `one that is being deleted takes no place and spares nobody's`() {
        var policy = Self.short
        (policy.ttl, policy.limit, policy.keepPerBranch) = (.days(10), 1, 1)
        let begun = Self.preview {
            ($0.state, $0.stateBefore, $0.isBegun, $0.pullRequest, $0.branch) = (.reaping, .ready, true, 99, "b")
            $0.createdAt = Self.now - .days(11)
        }
        let living = Self.preview {
            ($0.branch, $0.createdAt) = ("b", Self.now - .days(12))
        }
        #expect(Self.rule(Self.judge(policy).verdicts([begun, living])[1]) == nil)
        policy.ttl = nil
        policy.keepPerBranch = 0
        #expect(Self.rule(Self.judge(policy).verdicts([begun, living])[1]) == nil)
    }
}
