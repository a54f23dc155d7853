import Testing

@testable import CygniConfig

@Suite("Faults of a configuration")
struct ProblemTests {
    @Test(
        "Each fault has its place, path, rule and value",
        arguments: [
            ("workers: 900", "1:10: workers: must be a whole number from 1 to 64 (found 900)"),
            ("workers: 0", "1:10: workers: must be a whole number from 1 to 64 (found 0)"),
            ("workers: 65", "1:10: workers: must be a whole number from 1 to 64 (found 65)"),
            ("workers: four", "1:10: workers: must be a whole number from 1 to 64 (found four)"),
            ("workers: \"4\"", "1:10: workers: must be a whole number from 1 to 64 (found \"4\")"),
            ("workers: +4", "1:10: workers: must be a whole number from 1 to 64 (found +4)"),
            ("workers: 0x4", "1:10: workers: must be a whole number from 1 to 64 (found 0x4)"),
            ("workers: 4.0", "1:10: workers: must be a whole number from 1 to 64 (found 4.0)"),
            (
                "workers: 99999999999999999999",
                "1:10: workers: must be a whole number from 1 to 64 (found 99999999999999999999)"
            ),
            ("workers:", "1:9: workers: must be a whole number from 1 to 64 (found nothing)"),
            ("workers: null", "1:10: workers: must be a whole number from 1 to 64 (found nothing)"),
            ("workers: [4]", "1:10: workers: must be a whole number from 1 to 64 (found a list)"),
            ("workers: {a: 4}", "1:10: workers: must be a whole number from 1 to 64 (found a mapping)"),
            ("ratio: .inf", "1:8: ratio: must be a number from 0 to 1 (found .inf)"),
            ("ratio: 1.5", "1:8: ratio: must be a number from 0 to 1 (found 1.5)"),
            ("eager: yes", "1:8: eager: must be true or false (found yes)"),
            ("pause: 90", "1:8: pause: must be a duration from 1s to 1h, such as 90s, 15m, 36h or 30d (found 90)"),
            ("pause: 2h", "1:8: pause: must be a duration from 1s to 1h, such as 90s, 15m, 36h or 30d (found 2h)"),
            ("budget: 5G", "1:9: budget: must be a size from 1B to 1TiB, such as 64KiB, 16MiB or 5GB (found 5G)"),
            ("colour: gren", "1:9: colour: must be one of red, green, blue: did you mean green? (found gren)"),
            ("colour: mauve", "1:9: colour: must be one of red, green, blue (found mauve)"),
            ("tags: a", "1:7: tags: must be a list of 0 to 3 items, each text on one line (found a)"),
            (
                "tags: [a, b, c, d]",
                "1:7: tags: must be a list of 0 to 3 items, each text on one line (found a list of 4)"
            ),
            ("tags: [a, {b: c}]", "1:11: tags[1]: must be text on one line (found a mapping)"),
            ("weights: {a: 1, b: 10}", "1:20: weights.b: must be a whole number from 0 to 9 (found 10)"),
            (
                "due: 61 * * * *",
                "1:6: due: must be a cron schedule of five fields: minute has 61, which must be from 0 to 59 (found 61 * * * *)"
            ),
            (
                "zone: Mars/Olympus",
                "1:7: zone: must be an IANA time zone of this machine, such as UTC or Europe/Berlin (found Mars/Olympus)"
            ),
            (
                "zone: ../../etc/passwd",
                "1:7: zone: must be an IANA time zone of this machine, such as UTC or Europe/Berlin (found ../../etc/passwd)"
            ),
            ("store: ftp://x", "1:8: store: must be a URL, https://... or file:///path (found ftp://x)"),
            ("store: file://x", "1:8: store: must be a URL, https://... or file:///path (found file://x)"),
            ("folder: ~/x", "1:9: folder: must be a path: '~' is not followed here, write the whole path (found ~/x)"),
            ("limits: 3", "1:9: limits: must be a mapping of keys (found 3)"),
            ("limits: {low: 9, high: 2}", "1:15: limits.low: must not be above high (found 9)"),
            ("limits:\n  lwo: 3", "2:3: limits.lwo: must be a known key, did you mean 'low'? (found lwo)"),
            ("wrokers: 3", "1:1: wrokers: must be a known key, did you mean 'workers'? (found wrokers)"),
            ("high: 3", "1:1: high: must be a known key, did you mean 'limits.high'? (found high)"),
            ("nonsense: 3", "1:1: nonsense: must be a known key (found nonsense)"),
            (
                "name: ${NOPE}",
                "1:7: name: environment variable NOPE must be set, or written ${NOPE:-default} (found ${NOPE})"
            ),
            ("name: ${NOPE", "1:7: name: '${' must be closed by '}'; a literal one is written $${ (found ${NOPE)"),
            (
                "name: ${1x}",
                "1:7: name: '${...}' must hold a variable's name: letters, digits and '_', no digit first (found ${1x})"
            ),
            ("name: ${A:?x}", "1:7: name: only ${A} and ${A:-default} are known (found ${A:?x})"),
            (
                "name: ${A:-${B}}",
                "1:7: name: the default of ${A:-default} must not hold another '${' (found ${A:-${B}})"
            ),
            ("workers: ${SET}", "1:10: workers: must be a whole number from 1 to 64 (found ${SET})"),
            ("due: ${SET}", "1:6: due: must be a cron schedule of five fields (found ${SET})"),
            ("name: !!int 4", "1:7: name: must not carry a YAML tag (found tag:yaml.org,2002:int)"),
            ("? [a]\n: 3", "1:3: (file): a key must be a plain word (found a collection)"),
            ("name: \"a\\nb\"", "1:7: name: must be text on one line (found \"a\\nb\")"),
            ("- a\n- b", "1:1: (file): must be a mapping of keys to values (found a list)"),
            ("just words", "1:1: (file): must be a mapping of keys to values (found just words)"),
            (
                "name: [a",
                "2:1: (file): must be valid YAML: while parsing a flow sequence, did not find expected ',' or ']' (found a syntax error)"
            ),
            (
                "name: a\n\tworkers: 3",
                "2:1: (file): must be valid YAML: while scanning a plain scalar, found a tab character that violates indentation (found a syntax error)"
            ),
            ("name: *nope", "1:7: (file): must be valid YAML: found undefined alias (found a syntax error)"),
            (
                "name: a\n---\nname: b",
                "2:1: (file): must be valid YAML: expected a single document in the stream, but found another document (found a syntax error)"
            ),
            ("name: a\u{0}b", "1:8: (file): must be text without control characters (found character U+0000)"),
        ]
    )
    func fault(text: String, expected: String) {
        #expect(faults(SampleSettings.self, text, ["SET": "61 * * * *"]) == [expected])
    }

    @Test("All faults come out at once, in the order of their places, repeated keys among them")
    func allAtOnce() {
        let text = """
            zone: Mars
            workers: 900
            wrokers: 3
            workers: 5
            limits:
              low: x
              "low": 2
              low: 3
            token: hunter2
            name: ${NOPE}
            extra: {high: 3, high: 101}
            workers: 6
            """
        let expected = [
            "1:7: zone: must be an IANA time zone of this machine, such as UTC or Europe/Berlin (found Mars)",
            "2:10: workers: must be a whole number from 1 to 64 (found 900)",
            "3:1: wrokers: must be a known key, did you mean 'workers'? (found wrokers)",
            "4:1: workers: must be written once, it stands in line 2 already (found workers)",
            "6:8: limits.low: must be a whole number from 0 to 100 (found x)",
            "7:3: limits.low: must be written once, it stands in line 6 already (found low)",
            "8:3: limits.low: must be written once, it stands in line 6 already (found low)",
            "9:8: token: must be a reference to a secret, {env: NAME} or {file: PATH}, never the secret itself (found a value in plain)",
            "10:7: name: environment variable NOPE must be set, or written ${NOPE:-default} (found ${NOPE})",
            "11:18: extra.high: must be written once, it stands in line 11 already (found high)",
            "12:1: workers: must be written once, it stands in line 2 already (found workers)",
        ]
        #expect(faults(SampleSettings.self, text) == expected)
    }

    @Test("A missing required key is reported where its mapping starts")
    func required() {
        let rule =
            "must be given: a libpq connection string, postgresql://user@host/name or host=... dbname=... (found nothing)"
        #expect(faults(SharedSettings.self, "") == ["1:1: database.url: \(rule)"])
        #expect(faults(SharedSettings.self, "log: {}\ndatabase:\n  pool: 3\n") == ["2:1: database.url: \(rule)"])
    }

    @Test("The name of the file stands in front of each fault")
    func fileName() {
        let error = #expect(throws: ConfigErrors.self) { try load(SampleSettings.self, "a: 1\nb: 2") }
        let expected = """
            etc/x.yaml:1:1: a: must be a known key (found a)
            etc/x.yaml:2:1: b: must be a known key (found b)
            """
        #expect(error?.description == expected)
    }
}
