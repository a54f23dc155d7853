import CygniModel
import Testing

@testable import CygniConfig

@Suite("Loading a configuration")
struct LoadingTests {
    @Test("An empty file has all defaults", arguments: ["", "\n\n", "# nothing\n", "---\n", "{}", "~", "\u{FEFF}"])
    func empty(text: String) throws {
        let settings = try load(SampleSettings.self, text).settings
        #expect(settings.workers == 4)
        #expect(settings.tags == ["a", "b"])
        #expect(settings.limits.high == 9)
        #expect(settings.extra == nil)
        #expect(settings.due == nil)
    }

    @Test("Each kind is read")
    func kinds() throws {
        let text = """
            name: a name
            workers: 7
            ratio: 0.25
            eager: true
            pause: 15m
            budget: 5GB
            colour: blue
            tags: [x, "y z"]
            weights: {b: 2, a: 1}
            due: "*/5 0-6 * * MON-FRI"
            zone: UTC
            token: {env: TOKEN}
            store: https://host.test/a
            folder: ./data
            limits: {low: 2}
            extra:
              high: 3
            """
        let settings = try load(SampleSettings.self, text, ["TOKEN": "t0ps3cret"]).settings
        #expect(settings.name == "a name")
        #expect(settings.workers == 7)
        #expect(settings.ratio == 0.25)
        #expect(settings.eager)
        #expect(settings.pause == .minutes(15))
        #expect(settings.budget == ByteCount(5_000_000_000))
        #expect(settings.colour == .blue)
        #expect(settings.tags == ["x", "y z"])
        #expect(settings.weights == ["a": 1, "b": 2])
        #expect(settings.due?.text == "*/5 0-6 * * MON-FRI")
        #expect(settings.token?.reveal() == "t0ps3cret")
        #expect(settings.store?.reveal() == "https://host.test/a")
        #expect(settings.folder == "etc/data")
        #expect(settings.limits.low == 2)
        #expect(settings.extra?.high == 3)
    }

    @Test("Null, and a section with all keys commented out, mean not given")
    func null() throws {
        let settings = try load(SampleSettings.self, "due: null\ntoken: ~\nlimits:\n  # low: 3\nextra: null\n").settings
        #expect(settings.due == nil)
        #expect(settings.limits.low == 1)
        #expect(settings.extra == nil)
    }

    @Test("Aliases and merge keys are followed, the mapping's own keys win")
    func aliases() throws {
        let settings = try load(SampleSettings.self, "limits: &l {low: 2, high: 8}\nextra:\n  <<: *l\n  high: 7\n")
            .settings
        #expect(settings.extra?.low == 2)
        #expect(settings.extra?.high == 7)
    }

    @Test("Variables are filled in after parsing, so they cannot change the structure")
    func interpolation() throws {
        let text = "name: ${A}-${B:-b}-${C:-c}-$${D} $5\nworkers: \"${N}\"\n"
        let settings = try load(SampleSettings.self, text, ["A": "x\"]: {", "B": "", "N": "12"]).settings
        #expect(settings.name == "x\"]: {-b-c-${D} $5")
        #expect(settings.workers == 12)
    }

    @Test("The canonical text is sorted, whole, and free of secrets")
    func canonical() throws {
        let text = "token: {env: T}\nstore: https://u:${P}@h.test/\nworkers: ${N}\n"
        let loaded = try load(SampleSettings.self, text, ["T": "hunter2", "P": "hunter3", "N": "8"])
        let expected = """
            budget="64KiB"
            colour="green"
            due=null
            eager=false
            extra=null
            folder="/tmp"
            limits.high=9
            limits.low=1
            name="sample"
            pause="90s"
            ratio=0.5
            store="https://u:***@h.test/"
            tags=["a", "b"]
            token={"env": "T"}
            weights={"x": 1}
            workers=8
            zone="UTC"

            """
        #expect(loaded.canonicalText == expected)
    }

    @Test("The effective YAML tells where values are from and loads again to the same")
    func effective() throws {
        let text = "workers: ${N}\nname: \"yes\"\nfolder: rel\nextra: {low: 2}\ndue: '@daily'\n"
        let loaded = try load(SampleSettings.self, text, ["N": "8"])
        let expected = """
            name: "yes"
            workers: 8  # from ${N}
            ratio: 0.5  # default
            eager: false  # default
            pause: 90s  # default
            budget: 64KiB  # default
            colour: green  # default
            tags: [a, b]  # default
            weights: {x: 1}  # default
            due: "@daily"
            zone: UTC  # default
            token: null  # default
            store: null  # default
            folder: etc/rel
            limits:
              low: 1  # default
              high: 9  # default
            extra:
              low: 2
              high: 9  # default

            """
        #expect(loaded.effectiveYAML == expected)
        let again = try ConfigLoader.load(
            SampleSettings.self,
            bytes: Array(expected.utf8),
            file: "x.yaml",
            environment: [:]
        )
        #expect(again.canonicalText == loaded.canonicalText)
    }
}
