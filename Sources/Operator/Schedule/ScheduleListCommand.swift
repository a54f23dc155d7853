import ArgumentParser
import CygniCommand
import CygniLog
import CygniModel

/// `cygni schedule list`.
struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show when each job runs next, in UTC and by the clock of its time zone.",
        discussion: """
            Where clocks change, Debian cron's rules hold: a job at a fixed time runs
            once, right after the jump if its time is skipped; one with a star as minute
            or hour keeps to the clock.

            EXAMPLES
              cygni schedule list
              cygni schedule list --count 10 --from 2026-03-28
              cygni schedule list --output json
            """
    )

    @Option(help: "How many runs of each job.")
    var count = 3

    @Option(help: ArgumentHelp("Begin after this moment, RFC 3339; left out: now.", valueName: "time"))
    var from: String?

    @OptionGroup var options: ScheduleOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(count) else { throw ValidationError("--count must be from 1 to 1000") }
        guard from.map({ Timestamp(parsing: $0) != nil }) ?? true else {
            throw ValidationError("--from must be a time such as 2026-03-28 or 2026-03-28T01:00:00Z")
        }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let start = from.flatMap { Timestamp(parsing: $0) } ?? .wallClock()
            let jobs = try options.jobs(surroundings)
            surroundings.show(output.format == .json ? json(jobs, start).text : text(jobs, start))
            return .success
        }
    }

    private func text(_ jobs: [ScheduledJob], _ start: Timestamp) -> String {
        guard !jobs.isEmpty else { return "no job has a schedule\n" }
        var table = TextTable(["job", "schedule", "next, UTC", "local", "zone"])
        for job in jobs {
            for (index, slot) in job.slots.slots(after: start, limit: count).enumerated() {
                let isFirst = index == 0
                table.add([
                    isFirst ? job.name : "", isFirst ? job.schedule.text : "", minute(slot.rfc3339),
                    minute(job.localText(slot)), job.zone,
                ])
            }
        }
        return table.text(indent: 0, width: 200) { $0 }
    }

    private func minute(_ text: String) -> String {
        String(text.prefix(16).replacing("T", with: " "))
    }

    private func json(_ jobs: [ScheduledJob], _ start: Timestamp) -> JSONValue {
        let entries = jobs.map { job in
            JSONValue.object([
                ("job", .string(job.name)), ("schedule", .string(job.schedule.text)), ("timezone", .string(job.zone)),
                (
                    "next",
                    .array(
                        job.slots.slots(after: start, limit: count).map { slot in
                            .object([("utc", .string(slot.rfc3339)), ("local", .string(job.localText(slot)))])
                        }
                    )
                ),
            ])
        }
        return .object([("jobs", .array(entries))])
    }
}

extension ScheduledJob {
    /// A moment by the clock of the job's zone: `2026-03-29T03:30:00+02:00`.
    func localText(_ moment: Timestamp) -> String {
        let offset = zoneRules.offset(at: moment.microseconds / 1_000_000)
        let local = (moment + .seconds(offset)).rfc3339.prefix(19)
        let minutes = abs(offset) / 60
        let (hour, rest) = (minutes / 60, minutes % 60)
        return "\(local)\(offset < 0 ? "-" : "+")\(hour < 10 ? "0" : "")\(hour):\(rest < 10 ? "0" : "")\(rest)"
    }
}
