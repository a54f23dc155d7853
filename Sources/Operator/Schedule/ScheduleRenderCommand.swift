import ArgumentParser
import CygniCommand
import CygniJobs
import CygniModel

/// `cygni schedule render`.
struct ScheduleRenderCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case crontab, systemd, kubernetes
    }

    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Write the schedules as a crontab, systemd units or Kubernetes CronJobs.",
        discussion: """
            EXAMPLES
              cygni schedule render --format crontab >crontab
              cygni schedule render --format systemd --into /etc/systemd/system
              cygni schedule render --format kubernetes --image registry.test/cygni:1 | kubectl apply -f -
            """
    )

    @Option(help: "crontab, systemd or kubernetes.")
    var format: Format

    @Option(
        help: ArgumentHelp("Write systemd's units as files of this folder, each replaced whole.", valueName: "folder")
    )
    var into: String?

    @OptionGroup var target: ScheduleTarget
    @OptionGroup var options: ScheduleOptions

    func validate() throws {
        guard into == nil || format == .systemd else { throw ValidationError("--into is for --format systemd") }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings) {
            let jobs = try options.jobs(surroundings)
            switch format {
            case .crontab: surroundings.show(try CrontabText.render(jobs, on: target))
            case .kubernetes: surroundings.show(KubernetesCronJobs.render(jobs, on: target))
            case .systemd:
                let units = SystemdUnits.render(jobs, on: target)
                guard let into else {
                    surroundings.show(
                        units.map { "# /etc/systemd/system/\($0.name)\n\($0.text)" }.joined(separator: "\n")
                    )
                    break
                }
                for unit in units {
                    try AtomicFile.replace("\(into)/\(unit.name)", with: unit.text)
                    surroundings.show("wrote \(into)/\(unit.name)")
                }
            }
            return .success
        }
    }
}
