import CygniConfig
import CygniJobs
import CygniModel

/// All that the answer to "why did it not run?" is decided from.
struct WhyFacts: Sendable {
    /// A job that had not come to a good end when another one was to come after it.
    struct Unmet: Hashable, Sendable {
        var job: String
        /// Its last run by then; nil: none.
        var run: RunFact?
    }

    /// Some job that a schedule did start around the time.
    struct Sign: Hashable, Sendable {
        var job: String
        var host: String
        var at: Timestamp
    }

    var job: String
    var now: Timestamp
    /// nil: the job has no schedule.
    var schedule: RunSchedule?
    var catchUp = CatchUp.latest
    /// The slot in question: the newest up to the time that was asked for.
    var slot: Timestamp?
    /// The time that was asked for.
    var asked: Timestamp
    /// What the zone's clock does at the time that was asked for, when that was given by that clock.
    var local: LocalMoment?
    var run: RunFact?
    var pause: JobPause?
    /// Another run of the job that was under way while the slot's could have started.
    var during: RunFact?
    var unmet: Unmet?
    /// The run of a later slot.
    var later: RunFact?
    var sign: Sign?
}
