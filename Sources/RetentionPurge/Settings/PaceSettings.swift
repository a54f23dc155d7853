package import CygniConfig
package import CygniModel

/// How batches spare the live database.
package struct PaceSettings: ConfigSection {
    package var isOn: Bool
    /// The share of the time that batches may take.
    package var dutyPercent: Int
    package var maxLag: Duration
    package var maxCommit: Duration
    /// Per second.
    package var walBudget: ByteCount
    package var oldTransaction: Duration
    /// A folder on the database's disk, when that is on this host.
    package var diskPath: String?
    package var minFree: ByteCount

    package init(reading reader: inout ConfigReader) {
        isOn = reader.value(
            "on",
            .boolean,
            default: true,
            "Whether batches hold back at all; false: as fast as it goes, in batches all the same."
        )
        dutyPercent = reader.value(
            "duty_percent",
            .integer(1...100),
            default: 50,
            "The share of the time that batches take; the rest is left to others."
        )
        maxLag = reader.value(
            "max_lag",
            .duration(.milliseconds(100) ... .hours(24)),
            default: .seconds(10),
            "The replication lag of the slowest replica from which on batches are halved; see old_transaction."
        )
        maxCommit = reader.value(
            "max_commit",
            .duration(.milliseconds(1) ... .seconds(60)),
            default: .milliseconds(50),
            "The same for how long a commit of next to nothing takes."
        )
        walBudget = reader.value(
            "wal_budget",
            .size(ByteCount(64 << 10)...ByteCount(64 << 30)),
            default: ByteCount(64 << 20),
            "The same for how much WAL the server writes in a second, others' included."
        )
        oldTransaction = reader.value(
            "old_transaction",
            .duration(.seconds(1) ... .days(30)),
            default: .hours(1),
            """
            Batches stop while a transaction of this database is open for longer: what they delete could not be vacuumed \
            away. Those of the platform's roles are seen; others, and replicas, once cygni_owner is a member of \
            pg_read_all_stats.
            """
        )
        diskPath = reader.optional(
            "disk_path",
            .path,
            "A folder on the disk of the database, when that is on this host: batches stop when little is left.",
            example: "/var/lib/postgresql"
        )
        minFree = reader.value(
            "min_free",
            .size(ByteCount(1 << 20)...ByteCount(1 << 50)),
            default: ByteCount(2 << 30),
            "How much must be free there."
        )
    }
}
