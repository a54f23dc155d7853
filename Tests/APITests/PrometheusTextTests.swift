import CygniIntake
import Testing

@testable import PlatformAPI

/// Prometheus' text format, good and hostile.
@Suite struct PrometheusTextTests {
    private func read(_ text: String) throws -> PrometheusText.Sample? {
        var reader = PrometheusText()
        return try Array(text.utf8).withUnsafeBytes { try reader.read($0) }
    }

    @Test(
        arguments: [
            ("up 1", "up", 1.0, nil), ("a:b_c9\t-2.5e-3  ", "a:b_c9", -0.0025, nil), (#"x{} 4"#, "x", 4, nil),
            (#"x{b="2",a="1"} 1 1395066363000"#, #"x{a="1",b="2"}"#, 1, 1_395_066_363_000),
            (#"x { a = "q\"\\\n," , } 7 -5"#, #"x{a="q\"\\\n,"}"#, 7, -5),
            (#"x{a="",b="é"} +Inf"#, #"x{b="é"}"#, .infinity, nil),
            (#"x{a="}"} 1."#, #"x{a="}"}"#, 1, nil), ("x -Inf\r", "x", -.infinity, nil),
        ] as [(String, String, Double, Int64?)]
    )
    func good(_ text: String, _ series: String, _ value: Double, _ time: Int64?) throws {
        let sample = try #require(try read(text))
        #expect(String(decoding: sample.series, as: UTF8.self) == series)
        #expect(sample.value == value && sample.time == time)
    }

    @Test func nothingToRead() throws {
        for text in ["", "   ", "# HELP x y", "#", "  # TYPE x counter", "\r"] {
            #expect(try read(text) == nil, "\(text)")
        }
        #expect(try read("x NaN")?.value.isNaN == true)
    }

    @Test(arguments: [
        "up", "up ", "9up 1", "up one", "up 1e999", "up 0x10", "up 1_000", "up 1 2 3", "up 1 1.5",
        "up 1 99999999999999999999",
        #"x{a="1" 1"#, #"x{a="1"b="2"} 1"#, #"x{a=1} 1"#, #"x{a="\t"} 1"#, #"x{a="1",a="2"} 1"#, #"x{9="1"} 1"#,
        #"x{:="1"} 1"#,
        #"x{a="1"#, #"x{a="\"#, "x{", "{a=\"1\"} 1", "x{,} 1", "é 1", "up nan nan", "up --1", "up .",
        #"x{a="1"} 1 # {trace="1"} 1"#,
    ])
    func bad(_ text: String) {
        #expect(throws: RowFault.self) { try read(text) }
    }

    @Test func aLineTooLong() {
        #expect(throws: RowFault.self) { try read("x{a=\"\(String(repeating: "y", count: Record.limit))\"} 1") }
    }

    @Test func tooManyLabels() {
        let labels = (0..<65).map { "l\($0)=\"1\"" }.joined(separator: ",")
        #expect(throws: RowFault.self) { try read("x{\(labels)} 1") }
    }

    /// Whatever comes, it is a sample, nothing, or a fault, and never a crash.
    @Test func whateverComes() {
        var numbers = SystemRandomNumberGenerator()
        var reader = PrometheusText()
        let alphabet = Array("x{}=\",\\ 1.eE+-#\n\tNaIf\u{0}é".utf8) + [0xff, 0x80]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &numbers)).map { _ in
                alphabet.randomElement(using: &numbers) ?? 0
            }
            _ = bytes.withUnsafeBytes { bytes in try? reader.read(bytes) }
        }
    }
}
