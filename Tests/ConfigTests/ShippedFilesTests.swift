import FoundationEssentials
import Testing

@testable import CygniConfig

@Suite("The configuration files of the checkout")
struct ShippedFilesTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    @Test("cygni.yaml loads strictly and gives every key")
    func shared() throws {
        let file = "\(Self.root)/cygni.yaml"
        let loaded = try ConfigLoader.load(SharedSettings.self, file: file, environment: [:])
        #expect(loaded.defaultedKeys == [])
        #expect(loaded.settings.database.url.reveal() == "postgresql:///cygni")
    }

    @Test("Apart from what a checkout needs, cygni.yaml says the defaults")
    func sharedDefaults() throws {
        let file = "\(Self.root)/cygni.yaml"
        let loaded = try ConfigLoader.load(SharedSettings.self, file: file, environment: [:])
        let bare = try load(SharedSettings.self, "database: {url: \"postgresql:///cygni\"}")
        #expect(loaded.canonicalText == bare.canonicalText)
    }

    @Test("A job's file gives every key that all jobs have", arguments: ["metrics-rollup", "migrate"])
    func jobs(job: String) throws {
        let text = try String(contentsOfFile: "\(Self.root)/jobs/\(job).yaml", encoding: .utf8)
        // The job's own keys are its own tests' business.
        let faults = faults(JobFile<NoSettings>.self, text).filter { !$0.contains("must be a known key") }
        #expect(faults == [])
        for key in ConfigReader.describe(JobSettings.self) {
            #expect(text.contains("\n\(key.path): "), "\(job).yaml leaves out \(key.path)")
        }
    }
}
