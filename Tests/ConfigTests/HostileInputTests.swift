import Testing

@testable import CygniConfig

@Suite("Hostile input")
struct HostileInputTests {
    @Test("A bomb of aliases is cut off", .timeLimit(.minutes(15)))
    func aliasBomb() {
        var text = "tags: &a0 [x, x]\n"
        for level in 1...30 {
            text += "k\(level): &a\(level) [" + String(repeating: "*a\(level - 1), ", count: 9) + "x]\n"
        }
        let faults = faults(SampleSettings.self, text)
        #expect(faults.count == 1)
        #expect(faults.first?.contains("must hold at most 50000 values, aliases followed (found more)") == true)
    }

    @Test("A bomb of aliases in a key is refused before it is parsed", .timeLimit(.minutes(15)))
    func aliasBombInKey() {
        var text = "tags: &a0 [x, x]\n"
        for level in 1...30 { text += "k\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        for key in ["? *a30\n: x\n", "*a30 : x\n", "[*a30]: x\n", "{? *a30 : x}\n", "{[*a30] : x}: x\n"] {
            let expected = "(file): keys must be plain words, without aliases (found an alias in a key)"
            #expect(faults(SampleSettings.self, text + key).map { String($0.drop { $0 != "(" }) } == [expected])
        }
    }

    @Test("Deep nesting is cut off", .timeLimit(.minutes(15)), arguments: [33, 900, 5000, 100_000])
    func depth(levels: Int) {
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let text = "tags: " + String(repeating: open, count: levels) + String(repeating: close, count: levels)
            let faults = faults(SampleSettings.self, text)
            #expect(faults.count == 1)
            let isTold = faults.first?.contains("nest") == true || faults.first?.contains("must be valid YAML") == true
            #expect(isTold, "\(faults)")
        }
    }

    @Test("Many repeated keys are told up to a bound", .timeLimit(.minutes(15)))
    func duplicates() {
        let text = (0..<400).map { "key\($0 % 200): 1\n" }.joined()
        let many = faults(SampleSettings.self, text)
        #expect(many.count == 1)
        #expect(many.first?.contains("must be written once; the rest of the file was not checked") == true)
        let few = faults(SampleSettings.self, String(repeating: "workers: 1\n", count: 40))
        #expect(few.count == 39)
        #expect(few.last == "40:1: workers: must be written once, it stands in line 1 already (found workers)")
    }

    @Test(
        "Repeated keys are found however they are written",
        arguments: [
            ("{workers: 1, workers: 2}", "1:14: workers"), ("'workers': 1\n\"workers\": 2", "2:1: workers"),
            ("? workers\n: 1\n? workers\n: 2", "3:3: workers"),
            ("workers: 1\r\nname: a\r\nworkers: 2\r\n", "3:1: workers"),
            ("# \u{2028}# é😀\nworkers: 1\nworkers: 2", "4:1: workers"), ("w: 1\n😀w: 1\n😀w: 2", "3:1: 😀w"),
            ("weights: {\"\\x61\": 1, a: 2}", "1:11: a"), ("weights: {&x a: 1, a: 2}", "1:11: a"),
            ("weights: {\"\": 1, '': 2}", "1:11: "), ("\u{F0000}: 1\n\u{F0000}: 2", "2:1: \u{F0000}"),
        ]
    )
    func duplicateSpellings(text: String, start: String) {
        let told = faults(SampleSettings.self, text).filter { $0.contains("must be written once") }
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("\(start): must be written once") == true, "\(told)")
    }

    @Test("Bytes that are no text are refused by their place")
    func bytes() {
        func fault(_ bytes: [UInt8]) -> String? {
            do throws(ConfigErrors) {
                _ = try ConfigLoader.load(SampleSettings.self, bytes: bytes, file: "f", environment: [:])
                return nil
            } catch {
                return error.description
            }
        }
        #expect(fault([97, 58, 10, 32, 0xC3, 0xA9, 0xFF]) == "f:2:3: (file): must be UTF-8 text (found byte 0xFF)")
        #expect(fault([0xFF, 0xFE, 97, 0]) == "f:1:1: (file): must be UTF-8 text (found byte 0xFF)")
        #expect(
            fault([0x7F, 69, 76, 70])
                == "f:1:1: (file): must be text without control characters (found character U+007F)"
        )
        #expect(fault([]) == nil)
    }

    @Test("A file that is missing, a folder, or endless is refused")
    func files() throws {
        func fault(_ file: String) -> String? {
            do throws(ConfigErrors) {
                _ = try ConfigLoader.load(SampleSettings.self, file: file, environment: [:])
                return nil
            } catch {
                return error.description
            }
        }
        let missing = "/nope/x.yaml:1:1: (file): must be a readable file: no such file or directory (found nothing)"
        #expect(fault("/nope/x.yaml") == missing)
        #expect(fault("/tmp") == "/tmp:1:1: (file): must be a readable file: is a directory (found nothing)")
        #expect(fault("/dev/zero") == "/dev/zero:1:1: (file): must be at most 262144 bytes long (found more)")
        #expect(fault("/dev/null") == nil)
    }

    @Test("The largest file allowed is read in reasonable time", .timeLimit(.minutes(15)))
    func large() {
        #expect(faults(SampleSettings.self, "name: \"" + String(repeating: "://a:", count: 50_000) + "\"").count == 1)
        #expect(faults(SampleSettings.self, "tags: [" + String(repeating: "a,", count: 125_000) + "]").count == 1)
        #expect(faults(SampleSettings.self, String(repeating: "a", count: 250_000) + ": 1").count == 1)
        #expect(faults(SampleSettings.self, "name: " + String(repeating: "${A}", count: 60_000)).count == 1)
    }

    /// A mutated file loads or is refused with places; it never crashes or hangs. The seed makes a failure repeatable.
    @Test("Mutated files never crash the loader", .timeLimit(.minutes(15)), arguments: 1...8)
    func mutations(seed: UInt64) {
        var random = SplitMix(state: seed)
        let original = Array(Self.specimen.utf8)
        let fragments = [
            "*a", "&a ", "<<: *a\n", "? ", "${", "}", "${A:-", "\"", "'", "[", "]", "{", ": ", "- ", "\n", "!!", "|\n",
        ]
        for _ in 0..<250 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let position = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
                case 1: bytes.insert(contentsOf: fragments.randomElement(using: &random)?.utf8 ?? "".utf8, at: position)
                case 2:
                    bytes.removeSubrange(position..<min(bytes.count, position + Int.random(in: 0..<12, using: &random)))
                case 3:
                    let end = min(bytes.count, position + Int.random(in: 0..<40, using: &random))
                    bytes.insert(contentsOf: bytes[position..<end], at: Int.random(in: 0...bytes.count, using: &random))
                default: if position < bytes.count { bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
                }
            }
            do throws(ConfigErrors) {
                let loaded = try ConfigLoader.load(
                    SampleSettings.self,
                    bytes: bytes,
                    file: "f",
                    environment: ["A": "1"]
                )
                #expect(!loaded.effectiveYAML.isEmpty)
            } catch {
                #expect(!error.problems.isEmpty)
                #expect(error.problems.allSatisfy { $0.place.line >= 1 && $0.place.column >= 1 })
                #expect(error.description.split(separator: "\n").count == error.problems.count)
            }
        }
    }

    private static let specimen = """
        # A comment
        name: "a ${A} name"
        workers: 7
        ratio: 0.25
        pause: 15m
        tags: &a [x, "y z", 'w']
        weights:
          b: 2
          a: 1
        due: "*/5 0-6 * * MON-FRI"
        token: {env: A}
        store: https://host.test/a
        limits: &l {low: 2}
        extra:
          <<: *l
          high: |
            3
        """
}

/// A small generator with a seed, so that a failing file can be made again.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
