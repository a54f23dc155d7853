import CygniTestSupport
import FoundationEssentials
import Glibc
import Testing

@Suite struct ImportProcessTests {
    @Test func badLinesAreKeptAndTold() async throws {
        try await ToolWorld.with { world in
            let file = try world.folder.write("ts,value\n2026-11-22,1\nnever,2\n2026-11-23,x\n", to: "cpu.csv")
            let flags = ["--tenant", "acme", "--project", "shop", "--metric", "cpu", "--create", "--output", "json"]
            let result = try await world.run(["import", "metrics", file] + flags)
            #expect(result.status == 2, "\(result)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.standardOutput.utf8))
            #expect(report.outcome == "partial")
            #expect((report.counts["rows"], report.counts["rejected"], report.counts["lines"]) == (1, 2, 4))
            let rejects = try world.folder.read("cpu.csv.rejects")
            #expect(rejects.contains("#rejected line 3: time: "))
            #expect(rejects.hasSuffix("\n2026-11-23,x\n"))
        }
    }

    private struct Report: Decodable {
        var outcome: String
        var counts: [String: Int]
    }

    @Test(
        arguments: [
            (
                ["import", "metrics", "/nowhere.csv", "--dry-run"], 1,
                "failed to read '/nowhere.csv': No such file or directory"
            ),
            (["import", "metrics", "-", "--dry-run"], 1, "cannot tell the format of 'standard input'"),
            (["import", "metrics"], 64, "Missing expected argument"),
            (["import", "metrics", "-", "--tenant", "A B"], 64, "--tenant 'A B' is not a slug"),
            (["import", "metrics", "-", "--format", "xml"], 64, "xml"),
            (["import", "logs", "-"], 64, "--tenant SLUG --project SLUG"),
            (["import", "logs", "-", "--tenant", "acme", "--project", "x"], 1, "there is no tenant 'acme'"),
            (["sample", "host", "--seconds", "0"], 64, "--seconds is from 1 to 3600"),
            (["nonsense"], 64, "nonsense"),
        ]
    ) func mistakesAreNamed(arguments: [String], status: Int32, words: String) async throws {
        try await ToolWorld.with { world in
            let result = try await world.run(arguments, input: "what is this\n")
            #expect(result.status == status, "\(result)")
            #expect(result.standardError.contains(words), "\(result)")
            #expect(result.standardOutput.isEmpty)
        }
    }

    @Test func settingsAndServerAreToldApart() async throws {
        let folder = try TemporaryFolder()
        let tool = try BuiltExecutable("cygni")
        let arguments = ["import", "logs", "-", "--tenant", "a", "--project", "b", "--config", folder.file("c.yaml")]
        let missing = try await tool.run(arguments, input: "x\n")
        #expect(missing.status == 78, "\(missing)")
        try folder.write("database:\n  url: postgresql:///x?host=\(folder.path)\n", to: "c.yaml")
        let unreachable = try await tool.run(arguments, input: "x\n")
        #expect(unreachable.status == 69, "\(unreachable)")
    }

    /// 400,000 lines, of which whole batches are in when the process dies; the same command then finishes the work.
    @Test(arguments: [SIGKILL, SIGTERM]) func anImportThatEndsEarlyIsFinishedByTheSameCommand(signal: Int32)
        async throws
    {
        try await ToolWorld.with { world in
            let lines = (0..<400_000).map { "\(1_795_300_000 + $0 / 20),\($0 % 97)\n" }.joined()
            let file = try world.folder.write("ts,value\n\(lines)", to: "big.csv")
            let command = [
                "import", "metrics", file, "--tenant", "acme", "--project", "shop", "--metric", "m", "--create",
            ]
            // The second batch waits until the process is gone, or told to end, however fast or slow the machine is.
            try await world.database.execute(
                """
                CREATE TABLE public.gate (is_open bool);
                CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                    WHILE EXISTS (SELECT FROM cygni.job_runs WHERE (counts ->> 'rows')::bigint > 0) AND NOT EXISTS (SELECT FROM public.gate) LOOP
                        PERFORM pg_sleep(0.02);
                    END LOOP;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER hold BEFORE INSERT ON cygni.metric_samples FOR EACH STATEMENT EXECUTE FUNCTION public.hold();
                """
            )
            let child = try world.tool.start(command, environment: world.environment)
            let noted = "SELECT coalesce(max((counts ->> 'rows')::bigint), 0) FROM cygni.job_runs"
            while try await world.database.value(noted, as: Int.self) == 0, child.exit == nil {
                try await Task.sleep(for: .milliseconds(5))
            }
            child.signal(signal)
            let open = "INSERT INTO public.gate VALUES (true)"
            if signal == SIGTERM { try await world.database.execute(open) }
            let ended = try await child.result()
            if signal == SIGKILL { try await world.database.execute(open) }
            let count = "SELECT count(*) FROM cygni.metric_samples"
            if signal == SIGKILL {
                let rows = try await world.database.value(count, as: Int.self)
                #expect(rows == 100_000)
            } else {
                #expect(ended.status == 128 + SIGTERM, "\(ended)")
                #expect(ended.standardOutput.contains("Run it again"), "\(ended)")
            }
            var again = try await world.run(command)
            // On a loaded machine the server takes its time to notice that the killed client is gone.
            while again.status == 75 {
                try await Task.sleep(for: .milliseconds(200))
                again = try await world.run(command)
            }
            #expect(again.status == 0, "\(again)")
            #expect(again.standardOutput.contains("went on after line"), "\(again)")
            #expect(try await world.database.value(count) == 400_000)
            let third = try await world.run(command)
            #expect(third.standardOutput.contains("was imported already"), "\(third)")
            #expect(try await world.database.value(count) == 400_000)
        }
    }

    @Test func memoryStaysFlat() async throws {
        let folder = try TemporaryFolder()
        let lines = (0..<200_000).map { "\(1_795_300_000 + $0),\($0 % 97)\n" }.joined()
        let file = try folder.write("ts,value\n" + String(repeating: lines, count: 3), to: "big.csv")
        let shell = BuiltExecutable(path: "/bin/sh")
        let cygni = try BuiltExecutable("cygni").path
        // 600,000 rows within 200 MB of address space that may be written to, most of which the runtime takes.
        let script =
            "ulimit -d 200000 && exec \(cygni) import metrics \(file) --tenant a --project b --metric m --dry-run"
        let result = try await shell.run(["-c", script], timeLimit: .seconds(120))
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.contains("would import 600,000 samples"), "\(result)")
    }
}
