import CygniIntake
import CygniTestSupport
import FoundationEssentials

@testable import Operator

/// Hands a text out as the parsers take it.
func withBytes<Value>(_ text: String, _ body: (ByteView) throws -> Value) rethrows -> Value {
    try Array(text.utf8).withUnsafeBufferPointer { try body($0) }
}

/// Why a body refuses its input; nil when it takes it.
func refusal(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}

/// What a parser makes of a whole input, without a database.
struct DryRun {
    var rows = 0
    var bytes: [UInt8] = []
    var days: [Int] = []
    var lastLine = 0
    var rejected = 0
    var rejects = ""

    /// - Parameter maxDays: as `--max-days`.
    init(
        _ input: Data,
        keepRejects: Bool = true,
        maxDays: Int = 1000,
        afterLine: Int = 0,
        _ parser: (PlaceDirectory, DayRegister) throws -> any RecordParser
    ) throws {
        let folder = try TemporaryFolder()
        let file = try InputFile(path: folder.write(input, to: "input"))
        try InputFormat.checkText(file)
        let rejects = RejectFile(path: folder.file("rejects"), isDry: !keepRejects)
        let chosen = try parser(PlaceDirectory(policy: .assume), DayRegister(limit: maxDays))
        var reader = BatchReader(file, chosen, rejects: rejects, afterLine: afterLine)
        while let batch = try reader.next() {
            rows += batch.rows
            bytes += batch.bytes
            days += batch.newDays
            lastLine = batch.lastLine
        }
        rejected = rejects.count
        self.rejects = (try? folder.read("rejects")) ?? ""
    }

    init(csv: String, delimiter: UInt8 = byte(","), afterLine: Int = 0) throws {
        try self.init(Data(csv.utf8), afterLine: afterLine) { places, days in
            let defaults = SampleEncoder.Defaults(tenant: "acme", project: "shop", metric: "m")
            let encoder = SampleEncoder(defaults: defaults, places: places, days: days)
            return CSVSamples(encoder, delimiter: delimiter, known: [.tenant, .project, .metric])
        }
    }

    init(json: String) throws {
        try self.init(Data(json.utf8)) { places, days in
            JSONSamples(SampleEncoder(defaults: .init(), places: places, days: days))
        }
    }
}
