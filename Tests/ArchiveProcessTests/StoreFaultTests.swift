import CygniTestSupport
import Foundation
import Testing

/// The job against stores that fail: no receipt for what is not there, and the next run makes it whole.
struct StoreFaultTests {
    private func proxied(_ database: TestDatabase, _ rules: String) async throws -> (ArchiveProcess, PythonPeer) {
        let moto = try await PythonPeer.moto()
        let folder = try TemporaryFolder()
        try folder.write(rules, to: "rules")
        let proxy = try await PythonPeer.script(
            "faulty_proxy",
            ["127.0.0.1", "\(moto.port)", folder.file("rules")],
            folder: folder
        )
        let bucket = "job-\(UInt32.random(in: 0 ... .max))"
        let made = try await BuiltExecutable(path: "/usr/bin/env").run([
            "python3", "-c", "import urllib.request as u; u.urlopen(u.Request('\(moto.url)/\(bucket)', method='PUT'))",
        ])
        try #require(made.status == 0, "\(made)")
        let store = """
            url: s3://\(bucket)/some/prefix
            endpoint: '\(proxy.url)'
            path_style: true
            access_key: {env: S3_KEY}
            secret_key: {env: S3_SECRET}
            """
        return (try ArchiveProcess(database, store: store), proxy)
    }

    @Test(arguments: ["500", "slow", "reset", "lost"])
    func `passing faults cost nothing`(fault: String) async throws {
        try await withDatabase(.migrated) { database in
            let (process, proxy) = try await proxied(
                database,
                #"{"contains": ".zst", "fault": "\#(fault)", "times": 2}"#
            )
            defer { withExtendedLifetime(proxy) {} }
            try await process.seed(rows: 50)
            let result = try await process.run()
            #expect(result.status == 0, "\(result)")
            #expect(try await process.receipts() == "50/1/1")
        }
    }

    @Test(arguments: [
        ("PUT", "500", 99), ("PUT", "slow", 99), ("PUT", "reset", 99), ("GET", "cut", 1), ("GET", "wrong", 1),
        ("GET", "html", 1),
        ("GET", "403", 9), ("PUT", "403", 9),
    ])
    func `what lasts leaves no receipt, and the next run finishes`(method: String, fault: String, times: Int)
        async throws
    {
        try await withDatabase(.migrated) { database in
            let rule =
                #"{"method": "\#(method)", "contains": ".zst", "excludes": "manifest", "fault": "\#(fault)", "times": \#(times)}"#
            let (process, proxy) = try await proxied(database, rule)
            defer { withExtendedLifetime(proxy) {} }
            try await process.seed(rows: 50)
            let failed = try await process.run()
            #expect(failed.status == 1, "\(failed)")
            #expect(failed.standardOutput.contains("log_lines_p20260305"))
            #expect(try await process.receipts().hasPrefix("0/0/"))
            try proxy.folder.write("", to: "rules")
            let next = try await process.run()
            #expect(next.status == 0, "\(next)")
            #expect(try await process.receipts() == "50/1/1")
            let lines = try await process.tool(["archive", "get"])
            #expect(lines.standardOutput.split(separator: "\n").count == 50, "\(lines)")
        }
    }

    @Test func `a manifest damaged on its way leaves no receipt`() async throws {
        try await withDatabase(.migrated) { database in
            let (process, proxy) = try await proxied(
                database,
                #"{"method": "PUT", "contains": "manifest", "fault": "damage"}"#
            )
            defer { withExtendedLifetime(proxy) {} }
            try await process.seed(rows: 5)
            #expect(try await process.run().status == 1)
            #expect(try await process.receipts() == "0/0/1")
            #expect(try await process.run().status == 0)
            #expect(try await process.receipts() == "5/1/1")
        }
    }

    @Test func `a store that cannot be reached is told by its place`() async throws {
        try await withDatabase(.migrated) { database in
            let store = """
                url: s3://bucket
                endpoint: 'http://127.0.0.1:9'
                path_style: true
                access_key: {env: S3_KEY}
                secret_key: {env: S3_SECRET}
                """
            let process = try ArchiveProcess(database, store: store)
            try await process.seed(rows: 5)
            let result = try await process.run()
            #expect(result.status == 69, "\(result)")
            #expect(result.standardOutput.contains("s3://bucket"), "\(result)")
        }
    }

    @Test func `a proxy of the environment is asked in place of the store`() async throws {
        try await withDatabase(.migrated) { database in
            let peer = try await PythonPeer.script("http_peer")
            let store = """
                url: s3://bucket
                endpoint: 'http://s3.invalid'
                path_style: true
                access_key: {env: S3_KEY}
                secret_key: {env: S3_SECRET}
                """
            let process = try ArchiveProcess(database, store: store)
            try await process.seed(rows: 5)
            let running = try process.start(environment: ["http_proxy": peer.url])
            let result = try await running.result()
            // The peer knows no such path; without it, the name would have no address.
            #expect(result.standardOutput.contains("status 404"), "\(result)")
        }
    }

    @Test(arguments: [true, false])
    func `a full disk under the store or the spool costs the item, and nothing else`(isStore: Bool) async throws {
        try await withDatabase(.migrated) { database in
            let process = try ArchiveProcess(database)
            let folder = process.folder.file(isStore ? "objects" : "spool")
            if !isStore { try process.folder.write("spool: '\(folder)'\nretries: 0\n", to: "jobs/log-archive.yaml") }
            try await SmallDisk.mounted(at: folder, size: "64k") { disk in
                try await process.seed(day: "2026-03-05", rows: 20_000)
                try await process.seed(day: "2026-03-06", rows: 5)
                let result = try await process.run()
                // Two days are in work at once: the small one ends unless it meets the moment in which the big one has all the room.
                #expect([1, 2].contains(result.status), "\(result)")
                #expect(result.standardOutput.contains("failed: archive log_lines_p20260305: "), "\(result)")
                #expect(result.standardOutput.contains("No space left"), "\(result)")
                if result.status == 2 { #expect(try await process.receipts().hasPrefix("5/1/")) }
                try await disk.resize(to: "64m")
                let next = try await process.run()
                #expect(next.status == 0, "\(next)")
                #expect(try await process.receipts() == "20005/2/2")
            }
        }
    }
}
