import CygniConfig
import CygniModel
import MetricsRollup
import Testing

struct SettingsTests {
    private static let root = String(
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    )

    @Test func `the checkout's own file loads strictly and spells out every key`() throws {
        let file = "\(Self.root)/jobs/metrics-rollup.yaml"
        let loaded = try ConfigLoader.load(JobFile<RollupSettings>.self, file: file, environment: [:])
        #expect(loaded.defaultedKeys == [])
        #expect(loaded.settings.own.sealAfter == RollupSettings.standard.sealAfter)
    }

    @Test func `faults of every key come out together, each with its place`() throws {
        let text = """
            seal_after: soon
            series_limits: {free: 0}
            series_limit: -1
            audit_hours: 1.5
            partition_ahead: 7
            """
        do throws(ConfigErrors) {
            _ = try ConfigLoader.load(
                JobFile<RollupSettings>.self,
                bytes: Array(text.utf8),
                file: "rollup.yaml",
                environment: [:]
            )
            Issue.record("a faulty file was taken")
        } catch {
            #expect(error.problems.count == 5)
            let places = error.problems.map { $0.description.prefix(while: { $0 != " " }) }
            #expect(
                places == [
                    "rollup.yaml:1:13:", "rollup.yaml:2:23:", "rollup.yaml:3:15:", "rollup.yaml:4:14:",
                    "rollup.yaml:5:1:",
                ]
            )
            #expect(error.problems.last?.description.contains("partitions_ahead") == true)
        }
    }
}
