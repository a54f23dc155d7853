import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel
import FoundationEssentials

/// `cygni schedule check`.
struct ScheduleCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare what is installed on this host with the jobs' files; 3 tells of a difference.",
        discussion: """
            Looks at crontabs and systemd units, whichever there are. Where nothing
            starts a job that has a schedule, that is a difference, too.

            EXAMPLES
              cygni schedule check
              crontab -l | cygni schedule check --crontab -
              cygni schedule check --units /etc/systemd/system --output json
            """
    )

    @Option(help: ArgumentHelp("A crontab, - for standard input; may be repeated.", valueName: "file"))
    var crontab: [String] = []

    @Option(help: ArgumentHelp("The folder of systemd's units.", valueName: "folder"))
    var units = "/etc/systemd/system"

    @OptionGroup var target: ScheduleTarget
    @OptionGroup var options: ScheduleOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let jobs = try options.jobs(surroundings)
            let expected = SystemdUnits.render(jobs, on: target)
            let differences = try installed().differences(from: jobs, units: expected)
            if output.format == .json {
                surroundings.show(JSONValue.object([("differences", .array(differences.map(JSONValue.string)))]).text)
            } else if differences.isEmpty {
                surroundings.show("what is installed is what the jobs' files say\n")
            } else {
                for difference in differences { surroundings.show(difference) }
                surroundings.tell("cygni: see `cygni schedule render` for what should stand there")
            }
            return differences.isEmpty ? .success : .pending
        }
    }

    private func installed() throws -> InstalledSchedules {
        var installed = InstalledSchedules()
        for file in crontab.isEmpty ? ["/etc/cron.d/cygni"] : crontab {
            let path = file == "-" ? "/dev/stdin" : file
            guard let text = AtomicFile.read(path) else {
                guard crontab.isEmpty else { throw ScheduleError("cannot read the crontab '\(file)'") }
                continue
            }
            installed.add(crontab: text, at: file == "-" ? "standard input" : file)
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: units)) ?? []
        for name in names.sorted()
        where name.hasPrefix("cygni-") && (name.hasSuffix(".timer") || name.hasSuffix(".service")) {
            guard let text = AtomicFile.read("\(units)/\(name)") else { continue }
            installed.units.append(.init(place: "\(units)/\(name)", name: name, text: text))
        }
        return installed
    }
}
