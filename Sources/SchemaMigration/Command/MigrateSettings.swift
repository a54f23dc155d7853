package import CygniConfig
import CygniModel

/// The keys of `jobs/migrate.yaml` beside the common ones.
package struct MigrateSettings: ConfigSection {
    package var patience: LockPatience

    package init(reading reader: inout ConfigReader) {
        let standard = LockPatience.standard
        patience = LockPatience(
            timeout: reader.value(
                "lock_timeout",
                .duration(.zero ... .days(1)),
                default: standard.timeout,
                """
                How long a statement waits for a lock that someone else holds, instead of database.lock_timeout. Whoever \
                queues behind it waits no longer either. 0s: without end.
                """
            ),
            retry: reader.value(
                "lock_retry",
                .duration(.zero ... .days(1)),
                default: standard.retry,
                "For how long a file that could not have a lock is tried again, with growing pauses; 0s: not at all."
            )
        )
    }
}
