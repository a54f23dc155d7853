import CygniTestSupport
import Foundation
import Testing

/// What forges say, and what they fail to say.
@Suite struct ForgeTests {
    /// Each for a project of its own.
    private static let policies = [
        "{ttl: 1d, keep_latest_per_branch: 0}",
        "{idle: 1h, failed: 1h, cancelled: 1h, keep_latest_per_branch: 0}",
        "{closed: true, merged: true, branch_gone: true}",
        "{limit: 1, keep_latest_per_branch: 0}",
    ]

    /// Previews with everything that could end one, each name with `suffix` behind it.
    private func seed(_ process: ReapProcess, project: String = "web", _ suffix: String = "") async throws {
        try process.folder.write("the-token\n", to: "jobs/token")
        let old = ("created_at", "now() - interval '30 days'")
        func add(_ name: String, _ columns: [(String, String)]) async throws {
            try await process.preview(name + suffix, project: project, [old] + columns)
        }
        try await add("open", [("pull_request", "1"), ("branch", "'one'")])
        try await add("merged", [("pull_request", "2"), ("branch", "'two'"), ("state", "'failed'")])
        try await add("expired", [("pull_request", "3"), ("expires_at", "now() - interval '1 day'")])
        try await add("branch", [("branch", "'feature/gone'")])
    }

    @Test(arguments: [
        "html", "empty", "nothing", "object", "cut", "redirect", "state", "other", "elsewhere", "circle", "reset",
        "401", "403", "404", "429", "500", "503",
    ])
    func `a forge that does not tell ends nothing, by no policy`(fault: String) async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            var projects: [String] = []
            for (number, policy) in Self.policies.enumerated() {
                try await process.owner(
                    "INSERT INTO cygni.projects (tenant_id, id, slug, repository) VALUES (md5('bolt')::uuid, md5('w\(number)')::uuid, 'w\(number)', 'github:acme/web');"
                )
                try await seed(process, project: "w\(number)", "\(number)")
                projects.append("bolt/w\(number): \(policy)")
            }
            // Brakes that would let all of it through.
            try process.write(
                """
                \(forge.setting())
                policy: {grace: 0s}
                projects: {\(projects.joined(separator: ", "))}
                brake: {percent: 100, partial: false}
                retries: 0
                """
            )
            // Once for every question, once for what asks after a single one.
            for place in ["/acme/web", "/pulls/", "/branches"] {
                try forge.write(
                    pulls: #"{"1": "open", "2": "merged", "3": "closed"}"#,
                    more: #", "fault": "\#(fault)", "fault_at": "\#(place)""#
                )
                let result = try await process.run()
                #expect([1, 2].contains(result.status) || fault == "404", "\(fault) \(place): \(result)")
                // What was not told of a pull request says nothing of branches, and the other way round.
                let untold: [String: [String]] = [
                    "/acme/web": ["open", "merged", "expired", "branch"], "/pulls/": ["merged", "expired"],
                    "/branches": ["branch"],
                ]
                let moved = try await process.text(
                    "SELECT string_agg(n.name, ' ') FROM cygni.deployments AS d JOIN unnest('{\((untold[place] ?? []).joined(separator: ","))}'::text[]) AS n (name) ON d.id IN (md5(n.name || 0)::uuid, md5(n.name || 1)::uuid, md5(n.name || 2)::uuid, md5(n.name || 3)::uuid) WHERE d.state IN ('reaping', 'reaped')"
                )
                #expect(moved == "", "\(fault) \(place): \(result)")
                #expect(!(result.standardOutput + result.standardError).contains("the-token"))
                try await process.owner(
                    "UPDATE cygni.deployments SET state = CASE WHEN pull_request = 2 THEN 'failed' ELSE 'ready' END, state_before = NULL, reap_rule = NULL, restore_until = NULL, reap_begun_at = NULL, reaped_at = NULL, reaped = NULL, reaping_since = NULL;"
                )
            }
            // And where nothing is in the way, they go: the faults were why not.
            try forge.write(pulls: #"{"1": "open", "2": "merged", "3": "closed"}"#)
            _ = try await process.run()
            #expect(try await process.count("reaped") > 8)
        }
    }

    @Test(arguments: ["gitlab", "gitea", "bitbucket"])
    func `the other forges that do not tell end nothing either`(kind: String) async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try await seed(process)
            try process.write(
                "\(forge.setting(kind))\npolicy: {grace: 0s, ttl: 1d, keep_latest_per_branch: 0}\nbrake: {percent: 100, partial: false}\nretries: 0"
            )
            let pulls = #"{"1": "open", "2": "merged", "3": "closed"}"#
            let faults = [
                "html", "empty", "object", "cut", "redirect", "state", "elsewhere", "reset", "401", "403", "404", "429",
                "503",
            ]
            for fault in faults {
                try forge.write(pulls: pulls, more: #", "fault": "\#(fault)", "fault_at": "acme""#)
                let result = try await process.run()
                #expect([0, 1, 2].contains(result.status), "\(result)")
                #expect(try await process.count("reaping") + process.count("reaped") == 0, "\(fault): \(result)")
                #expect(result.standardOutput.contains("unknown"), "\(fault): \(result)")
            }
            try forge.write(pulls: pulls)
            #expect(try await process.run().status == 0)
            #expect(try await process.count("reaped") == 4)
        }
    }

    @Test func `one repository that is not shown brakes nothing else; a forge that shows none does`() async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try process.folder.write("t\n", to: "jobs/token")
            try await process.owner("UPDATE cygni.projects SET repository = 'github:acme/gone' WHERE slug = 'api';")
            try await process.preview("kept", project: "api", [("pull_request", "1")])
            for number in 1...3 { try await process.preview("p\(number)", [("pull_request", "\(number)")]) }
            try process.write("\(forge.setting())\npolicy: {grace: 0s}\nbrake: {percent: 100}\nretries: 0")
            try forge.write(pulls: #"{"1": "open", "2": "merged"}"#)
            let result = try await process.run()
            #expect(
                result.status == 2 && result.standardOutput.contains("shows us no repository acme/gone"),
                "\(result)"
            )
            // Nor does one pull request that it does not know.
            #expect(result.standardOutput.contains("does not know pull request 3"), "\(result)")
            #expect(try await process.count("reaped") == 1)
            #expect(try await process.state("p2") == "reaped")
            // What ends by the clock alone waits with the rest.
            try await process.preview("clock", project: "api", [("expires_at", "now() - interval '1 day'")])
            for fault in [#", "fault": "404", "fault_at": "acme""#, #", "fault": "503", "fault_at": "acme/gone""#] {
                try forge.write(pulls: #"{"1": "open", "2": "merged"}"#, more: fault)
                let braked = try await process.run()
                #expect(braked.status == 1 && braked.standardOutput.contains("not all is known"), "\(braked)")
            }
        }
    }

    @Test(arguments: ["github", "gitlab", "gitea", "bitbucket"])
    func `pages to the end, and once it is known only whether it changed`(kind: String) async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try await seed(process)
            let pulls = (10...60).map { #""\#($0)": "open""# }.joined(separator: ", ")
            let branches = (1...30).map { #""b\#($0)""# }.joined(separator: ", ")
            func settle(_ more: String) throws {
                try forge.write(
                    pulls: #"{\#(pulls), "1": "open", "2": "merged", "3": "closed", "61": "open"}"#,
                    branches: "[\(branches), \"main\"]",
                    more: #", "page": 10\#(more)"#
                )
            }
            try await process.preview("last", [("pull_request", "61")])
            try settle("")
            try process.write("\(forge.setting(kind))\npolicy: {grace: 0s}\nbrake: {percent: 100}")
            let dry = try await process.run(["--dry-run"])
            #expect(dry.status == 0, "\(dry)")
            #expect(try await process.count("reaped") == 0)
            #expect(try await process.text("SELECT count(*) FROM cygni.forge_answers") == "0")
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.state("open") == "ready")
            #expect(try await process.state("last") == "ready")
            for name in ["merged", "expired", "branch"] {
                #expect(try await process.state(name) == "reaped", "\(name) \(result)")
            }
            #expect(
                try await process.text("SELECT string_agg(reap_rule, ' ' ORDER BY reap_rule) FROM cygni.deployments")
                    == "branch_gone pull_request_closed pull_request_merged"
            )
            let again = try await process.run(["--output", "json"])
            #expect(again.status == 0, "\(again)")
            let report = try JSONSerialization.jsonObject(with: Data(again.standardOutput.utf8)) as? [String: Any]
            let counts = try #require(report?["counts"] as? [String: Int])
            #expect(counts["forge_requests"] == counts["forge_unchanged"], "\(again)")
        }
    }

    @Test func `an end counts when seen twice, a reopened one comes off the list, and grace lets it be restored`()
        async throws
    {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try process.folder.write("t\n", to: "jobs/token")
            try process.write("\(forge.setting())\npolicy: {grace: 1h}\nbrake: {percent: 100}")
            try await process.preview("one", [("pull_request", "1")])
            func hour() async throws {
                try await process.owner(
                    """
                    UPDATE cygni.preview_ends SET first_seen_at = first_seen_at - interval '61 minutes';
                    UPDATE cygni.deployments SET restore_until = restore_until - interval '61 minutes';
                    """
                )
            }
            func see(_ state: String, _ expected: String, _ line: Comment) async throws {
                try forge.write(pulls: #"{"1": "\#(state)"}"#)
                let result = try await process.run()
                #expect(result.status == 0, "\(line) \(result)")
                #expect(try await process.state("one") == expected, line)
            }
            try await see("closed", "ready", "seen once")
            try await see("closed", "ready", "seen twice, too soon")
            try await hour()
            try await see("open", "ready", "reopened")
            #expect(try await process.text("SELECT count(*) FROM cygni.preview_ends") == "0")
            try await see("closed", "ready", "closed again: it starts over")
            try await hour()
            try await see("closed", "reaping", "marked")
            try await see("open", "ready", "reopened while marked")
            try await see("merged", "ready", "seen once")
            try await hour()
            try await see("merged", "reaping", "marked")
            let id = try await process.id("one")
            let back = try await process.tool(["preview", "restore", id])
            #expect(back.status == 0, "\(back)")
            #expect(try await process.state("one") == "ready")
            try await see("merged", "ready", "seen once")
            try await hour()
            try await see("merged", "reaping", "marked")
            try await see("merged", "reaping", "its grace lasts")
            try await hour()
            try await see("merged", "reaped", "gone")
            let late = try await process.tool(["preview", "restore", id])
            #expect(late.status == 1 && late.standardError.contains("it is reaped"), "\(late)")
        }
    }

    @Test func `open, closed and reopened at random: none goes that was not seen closed twice with its grace between`()
        async throws
    {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try process.folder.write("t\n", to: "jobs/token")
            try process.write("\(forge.setting())\npolicy: {grace: 1h}\nbrake: {percent: 100}\nretries: 0")
            var random = Seeded(state: 7)
            var sighted: [Int: Int] = [:]
            var reaped: Set<Int> = []
            for number in 1...8 { try await process.preview("p\(number)", [("pull_request", "\(number)")]) }
            for round in 1...20 {
                var closed: Set<Int> = []
                for number in 1...8 where Int.random(in: 0..<3, using: &random) > 0 { closed.insert(number) }
                let pulls = (1...8).map { "\"\($0)\": \"\(closed.contains($0) ? "closed" : "open")\"" }
                try forge.write(pulls: "{\(pulls.joined(separator: ", "))}")
                #expect(try await process.run().status == 0)
                for number in 1...8 {
                    let state = try await process.state("p\(number)")
                    if state == "reaped" {
                        // Seen, marked an hour later, deleted an hour after that.
                        if reaped.insert(number).inserted {
                            #expect(sighted[number, default: 0] >= 2, "\(round) \(number)")
                        }
                        continue
                    }
                    #expect(state == "ready" || closed.contains(number), "\(round) \(number) \(state)")
                    sighted[number] = closed.contains(number) ? sighted[number, default: 0] + 1 : 0
                }
                try await process.owner(
                    """
                    UPDATE cygni.preview_ends SET first_seen_at = first_seen_at - interval '61 minutes';
                    UPDATE cygni.deployments SET restore_until = restore_until - interval '61 minutes';
                    """
                )
            }
            #expect(try await process.count("reaped") > 0)
            #expect(
                try await process.text("SELECT count(*) FROM cygni.audit_log WHERE action = 'preview.reaped'")
                    == String(try await process.count("reaped"))
            )
        }
    }

    @Test func `a notice goes out once`() async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try process.folder.write("t\n", to: "jobs/token")
            try forge.write(pulls: #"{"1": "open"}"#)
            try process.write(
                "\(forge.setting())\npolicy: {ttl: 10d, keep_latest_per_branch: 0}\nnotice: {by: comment, before: 24h}"
            )
            try await process.preview(
                "near",
                [("pull_request", "1"), ("created_at", "now() - interval '9 days 12 hours'")]
            )
            try await process.preview("far", [("pull_request", "1"), ("created_at", "now() - interval '8 days'")])
            for _ in 1...3 {
                let result = try await process.run()
                #expect(result.status == 0, "\(result)")
            }
            let comments = try forge.folder.read("state.comments").split(separator: "\n")
            #expect(
                comments.count == 1 && comments.allSatisfy { $0.contains("/github/repos/acme/web/issues/1/comments") }
            )
            #expect(try await process.state("near") == "ready")
        }
    }

    @Test func `a notice goes to a webhook, once for each end`() async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try process.write(
                "policy: {ttl: 10d, keep_latest_per_branch: 0}\nnotice: {by: webhook, webhook: '\(forge.peer.url)/hook', before: 24h}"
            )
            try await process.preview("near", [("created_at", "now() - interval '9 days 12 hours'")])
            for _ in 1...2 { #expect(try await process.run().status == 0) }
            let posted = try forge.folder.read("state.comments").split(separator: "\n")
            #expect(posted.count == 1 && posted[0].contains("preview.ending"), "\(posted)")
            #expect(posted[0].contains(try await process.id("near")))
        }
    }

    @Test func `what ends by the clock or by a limit ends so long after it was told, and what somebody ended at once`()
        async throws
    {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try process.folder.write("t\n", to: "jobs/token")
            try process.write(
                """
                \(forge.setting())
                policy: {ttl: 10d, grace: 0s, keep_latest_per_branch: 0}
                projects: {acme/web: {limit: 2}}
                notice: {by: webhook, webhook: '\(forge.peer.url)/hook', before: 24h}
                brake: {percent: 100}
                """
            )
            try forge.write(pulls: #"{"1": "merged", "2": "open"}"#)
            // Past its end when it is first looked at, for the policy is new, say.
            try await process.preview("old", project: "api", [("created_at", "now() - interval '20 days'")])
            try await process.preview("merged", [("pull_request", "1")])
            for age in 1...3 {
                try await process.preview(
                    "l\(age)",
                    [("pull_request", "2"), ("created_at", "now() - interval '\(age) days'")]
                )
            }
            for _ in 1...2 { #expect(try await process.run().status == 0) }
            #expect(try await process.state("merged") == "reaped")
            #expect(try await process.state("old") == "ready")
            #expect(try await process.state("l3") == "ready")
            let posted = try forge.folder.read("state.comments").split(separator: "\n")
            #expect(posted.count == 2, "\(posted)")
            try await process.owner(
                "UPDATE cygni.preview_ends SET first_seen_at = first_seen_at - interval '23 hours', noticed_at = noticed_at - interval '23 hours';"
            )
            #expect(try await process.run().status == 0)
            #expect(try await process.count("reaped") == 1)
            try await process.owner("UPDATE cygni.preview_ends SET noticed_at = noticed_at - interval '1 hour';")
            #expect(try await process.run().status == 0)
            #expect(try await process.state("old") == "reaped")
            #expect(try await process.state("l3") == "reaped")
            #expect(try await process.count("ready") == 2)
        }
    }

    @Test func `an App asks with a token that it gets for its signature`() async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            let keys = process.folder
            let openssl = BuiltExecutable(path: "/usr/bin/openssl")
            for words in [
                ["genrsa", "-out", keys.file("jobs/app.pem"), "2048"],
                ["rsa", "-in", keys.file("jobs/app.pem"), "-pubout", "-out", forge.folder.file("state.pub")],
            ] { #expect(try await openssl.run(words).status == 0) }
            try forge.write(pulls: #"{"1": "merged"}"#)
            try process.write(
                """
                forges: {github: {kind: github, url: '\(forge.peer.url)/github', app_id: '12345', app_key: {file: app.pem}, app_installation: '7'}}
                policy: {grace: 0s}
                brake: {percent: 100}
                """
            )
            try await process.preview("one", [("pull_request", "1")])
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.state("one") == "reaped")
            let tokens = Set(try forge.folder.read("state.tokens").split(separator: "\n"))
            #expect(tokens == ["Bearer installation-token"])
            // An endpoint that gives no token is a forge that does not tell, and no end of the run.
            try FileManager.default.removeItem(atPath: forge.folder.file("state.pub"))
            try await process.preview("two", [("pull_request", "1")])
            try await process.preview("free", project: "api", [("expires_at", "now() - interval '1 day'")])
            let mute = try await process.run(["--dry-run"])
            #expect(mute.status == 0 && mute.standardOutput.contains("expires_at"), "\(mute)")
            try process.folder.write("no key\n", to: "jobs/app.pem")
            let wrong = try await process.run()
            #expect(wrong.status == 78 && wrong.standardOutput.contains("app_key"), "\(wrong)")
        }
    }

    @Test func `little left of the rate limit ends the questions`() async throws {
        let forge = try await ScriptedForge()
        try await withReaping { process in
            try await seed(process)
            try forge.write(pulls: #"{"1": "open", "2": "merged", "3": "closed"}"#, more: #", "remaining": 150"#)
            try process.write("\(forge.setting())\npolicy: {grace: 0s}\nbrake: {percent: 100}")
            let result = try await process.run()
            #expect(result.status == 0 && result.standardOutput.contains("unknown"), "\(result)")
            #expect(forge.requests.count == 1)
            #expect(try await process.count("reaped") == 0)
        }
    }
}
