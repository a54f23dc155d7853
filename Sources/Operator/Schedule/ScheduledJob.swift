import CygniConfig
import CygniModel
import JobBook

/// A job that a schedule starts, as its file says.
struct ScheduledJob: Sendable {
    /// `metrics-rollup`.
    let name: String
    let schedule: CronSchedule
    /// IANA name.
    let zone: String
    let zoneRules: ZoneRules
    /// How long a run may take, and how long it may then take to close its books.
    let timeout: Duration
    let grace: Duration

    /// What units and labels are called after it.
    var unit: String { "cygni-\(name)" }

    /// What starts it.
    var words: [String] { JobWords.of(name) }

    var slots: ZonedSchedule { ZonedSchedule(schedule, in: zoneRules) }
}

extension ConfigFiles {
    /// The jobs that have a schedule, in the order of the catalogue, or every fault of their files.
    func scheduledJobs(_ catalogue: ConfigCatalogue) throws(ConfigErrors) -> [ScheduledJob] {
        var jobs: [ScheduledJob] = []
        var faults: [ConfigErrors] = []
        for document in catalogue.documents {
            guard let common = document.common, exists(document) else { continue }
            do throws(ConfigErrors) {
                let settings = try common(path(of: document), environment)
                guard let schedule = settings.schedule else { continue }
                jobs.append(
                    ScheduledJob(
                        name: String(document.name.dropFirst("jobs.".count)),
                        schedule: schedule,
                        zone: settings.timezone,
                        // The file was loaded, so the zone is there.
                        zoneRules: (try? ZoneFile.rules(of: settings.timezone)) ?? .utc,
                        timeout: settings.timeout,
                        grace: settings.grace
                    )
                )
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw ConfigErrors(joining: faults) }
        return jobs
    }
}
