import ArgumentParser
import CygniCommand
import CygniConfig
import CygniModel

/// A job that process tests start: it writes rows slowly and fails where it is told to. No product of the package.
@main
struct Probe: JobCommand {
    static let abstract = "Writes a row for each item that has none."

    static func makeJob(_ settings: ProbeSettings, _ options: ProbeOptions) throws -> ProbeJob {
        ProbeJob(settings: settings, options: options)
    }
}

struct ProbeOptions: ParsableArguments {
    @Option(help: "Items whose every attempt fails, separated by commas.") var failing = ""
    @Flag(help: "Hold on inside each item without looking at cancellation.") var stubborn = false
    @Flag(help: "Throw in the middle of the run.") var broken = false
}

struct ProbeSettings: ConfigSection {
    let items: Int
    let itemTime: Duration

    init(reading reader: inout ConfigReader) {
        items = reader.value("items", .integer(0...1_000_000), default: 3, "How many items there are.")
        itemTime = reader.value(
            "item_time",
            .duration(.zero ... .hours(1)),
            default: .zero,
            "How long one item takes on the server."
        )
    }
}
