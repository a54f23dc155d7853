import CygniModel
package import CygniPostgres

/// What a run is configured with; the composition root builds it from the settings files.
package struct RunSettings: Sendable {
    package var database: ConnectionOptions
    /// How long a run may take.
    package var timeout: Duration = .hours(1)
    /// How often a run tries again after what may pass by itself.
    package var retries = 3
    /// A run started by the schedule first waits for a part of this, on each host another one.
    package var jitter: Duration = .zero
    /// From the first signal to the end of the process.
    package var grace: Duration = .seconds(30)
    /// How long to wait for a lock that is held elsewhere.
    package var lockWait: Duration = .zero
    /// How long a later attempt waits for the lock, which may still hang on this run's own dead session.
    package var relockWait: Duration = .seconds(10)
    /// How long a run that ended by itself tries to close its books.
    package var bookPatience: Duration = .seconds(15)
    package var heartbeat: Duration = .seconds(5)
    /// How often what the run logs is taken down, for whoever watches.
    package var logInterval: Duration = .seconds(1)
    /// The first pause between two attempts.
    package var pause: Duration = .seconds(1)
    /// Where node_exporter looks for `.prom` files; nil writes none.
    package var textfileDirectory: String?
    /// How often the schedule is due; nil when there is none.
    package var expectedInterval: Duration?

    /// When runs are expected; nil when no schedule starts the job.
    package var schedule: RunSchedule?
    /// Jobs whose last run must have come to a good end before a slot's run begins.
    package var after: [String] = []

    package init(database: ConnectionOptions) {
        self.database = database
    }

    /// The parts of the grace period, from the first signal: until the task in hand is cancelled, and until it is waited
    /// for no longer. The rest closes the books.
    var pressAfter: Duration { grace * 0.7 }
    var abandonAfter: Duration { grace * 0.9 }
}
