import CygniModel

@testable import CygniConfig

/// A section with a key of every kind, for tests.
struct SampleSettings: ConfigSection {
    enum Colour: String, CaseIterable, Sendable {
        case red, green, blue
    }

    let name: String
    let workers: Int
    let ratio: Double
    let eager: Bool
    let pause: Duration
    let budget: ByteCount
    let colour: Colour
    let tags: [String]
    let weights: [String: Int]
    let due: CronSchedule?
    let zone: String
    let token: Secret?
    let store: ConfigURL?
    let folder: String
    let limits: Limits
    let extra: Limits?

    struct Limits: ConfigSection {
        let low: Int
        let high: Int

        init(reading reader: inout ConfigReader) {
            low = reader.value("low", .integer(0...100), default: 1, "The lower limit.")
            high = reader.value("high", .integer(0...100), default: 9, "The upper limit.")
            reader.check(["low", "high"], "must not be above high", low <= high)
        }
    }

    init(reading reader: inout ConfigReader) {
        name = reader.value("name", .text, default: "sample", "A name.")
        workers = reader.value("workers", .integer(1...64), default: 4, "How many.")
        ratio = reader.value("ratio", .number(0...1), default: 0.5, "A share.")
        eager = reader.value("eager", .boolean, default: false, "Whether.")
        pause = reader.value("pause", .duration(.seconds(1) ... .hours(1)), default: .seconds(90), "How long.")
        budget = reader.value("budget", .size(ByteCount(1)...ByteCount(1 << 40)), default: ByteCount(64 << 10), "Size.")
        colour = reader.value("colour", .oneOf(Colour.self), default: .green, "A colour.")
        tags = reader.value("tags", .list(of: .text, count: 0...3), default: ["a", "b"], "Words.")
        weights = reader.value("weights", .map(of: .integer(0...9)), default: ["x": 1], "Weights.")
        due = reader.optional("due", .cron, "When.")
        zone = reader.value("zone", .timeZone, default: "UTC", "Where.")
        token = reader.optional("token", .secret, "A secret.")
        store = reader.optional("store", .url(["https", "file"]), "A place.")
        folder = reader.value("folder", .path, default: "/tmp", "A folder.")
        limits = reader.section("limits", Limits.self, "Limits.")
        extra = reader.optionalSection("extra", Limits.self, "More limits.")
    }
}

/// Loads a text as `etc/x.yaml`.
func load<Settings: ConfigSection>(
    _ type: Settings.Type,
    _ text: String,
    _ environment: [String: String] = [:]
) throws(ConfigErrors) -> LoadedConfig<Settings> {
    try ConfigLoader.load(type, bytes: Array(text.utf8), file: "etc/x.yaml", environment: environment)
}

/// What is wrong with a text, without the name of the file in front of each line.
func faults<Settings: ConfigSection>(
    _ type: Settings.Type,
    _ text: String,
    _ environment: [String: String] = [:]
) -> [String] {
    do throws(ConfigErrors) {
        _ = try load(type, text, environment)
        return []
    } catch {
        return error.description.split(separator: "\n").map { String($0.trimmingPrefix("etc/x.yaml:")) }
    }
}
