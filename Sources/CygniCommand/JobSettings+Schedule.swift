package import CygniConfig
package import CygniJobs
import CygniModel

extension JobSettings {
    /// When runs of the job are expected; nil when no schedule starts it.
    package var runSchedule: RunSchedule? {
        schedule.map { schedule in
            RunSchedule(
                // The file was loaded, so the zone is there.
                slots: ZonedSchedule(schedule, in: (try? ZoneFile.rules(of: timezone)) ?? .utc),
                text: "\(schedule.text) \(timezone)",
                startGrace: jitter + startGrace,
                runGrace: runGrace ?? jitter + timeout
            )
        }
    }
}
