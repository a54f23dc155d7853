package import CygniConfig
package import CygniJobs
package import CygniModel

/// All that the answer to "why did it not run?" is decided from.
package struct WhyFacts: Sendable {
    /// A job that had not come to a good end when another one was to come after it.
    package struct Unmet: Hashable, Sendable {
        package var job: String
        /// Its last run by then; nil: none.
        package var run: RunFact?
    }

    /// Some job that a schedule did start around the time.
    package struct Sign: Hashable, Sendable {
        package var job: String
        package var host: String
        package var at: Timestamp
    }

    package var job: String
    package var now: Timestamp
    /// nil: the job has no schedule.
    package var schedule: RunSchedule?
    package var catchUp = CatchUp.latest
    /// The slot in question: the newest up to the time that was asked for.
    package var slot: Timestamp?
    /// The time that was asked for.
    package var asked: Timestamp
    /// What the zone's clock does at the time that was asked for, when that was given by that clock.
    package var local: LocalMoment?
    package var run: RunFact?
    package var pause: JobPause?
    /// Another run of the job that was under way while the slot's could have started.
    package var during: RunFact?
    package var unmet: Unmet?
    /// The run of a later slot.
    package var later: RunFact?
    package var sign: Sign?
}
