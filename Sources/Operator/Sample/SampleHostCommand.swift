import ArgumentParser
import CygniCommand
import CygniModel

/// `cygni sample host`.
struct SampleHostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "Sample this machine from /proc into tenant this-machine, project host.",
        discussion: """
            Processors, memory, load, disks and network, once a second.

            EXAMPLES
              cygni sample host
              cygni sample host --seconds 60
            """
    )

    @Option(help: ArgumentHelp("How long to sample.", valueName: "n"))
    var seconds = 5

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...3600).contains(seconds) else { throw ValidationError("--seconds is from 1 to 3600") }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            StopRequest.listen()
            let connection = try await database.connect(surroundings)
            let progress = ProgressLine()
            let stored = try await HostSampler(connection).run(seconds: seconds) { second in
                progress.show("sampling this machine: \(second) of \(seconds) s")
            }
            progress.clear()
            guard stored.samples > 0 else {
                throw ImportError(description: "nothing was sampled: /proc tells nothing here")
            }
            let counts = JSONValue.object([
                ("metrics", .integer(stored.metrics)), ("samples", .integer(stored.samples)),
            ])
            surroundings.show(
                output.format == .json
                    ? counts.text
                    : "sampled this machine for \(seconds) s: \(stored.samples.counted("sample")) of "
                        + "\(stored.metrics.counted("metric")), in tenant this-machine, project host\n"
            )
            return StopRequest.signal.map { .signal($0) } ?? .success
        }
    }
}
