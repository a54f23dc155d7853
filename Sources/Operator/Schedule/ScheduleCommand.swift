import ArgumentParser
import CygniCommand
import CygniConfig
import CygniModel
import JobBook

/// `cygni schedule`.
struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Write, list and check the schedules of the jobs; the files in jobs/ are the one truth.",
        subcommands: [ScheduleListCommand.self, ScheduleRenderCommand.self, ScheduleCheckCommand.self]
    )
}

/// The files that schedules come from.
struct ScheduleOptions: ParsableArguments {
    @OptionGroup var config: ConfigOption

    func jobs(_ surroundings: Surroundings) throws(ConfigErrors) -> [ScheduledJob] {
        let environment = surroundings.environment
        let files = ConfigFiles(shared: config.path(environment), environment: environment)
        return try files.scheduledJobs(.platform)
    }
}
