package import CygniModel

/// What a run finds before it decides.
package struct RetentionFacts: Sendable {
    package var now: Timestamp
    package var policies: [Policy] = []
    package var leaves: [Leaf] = []
    package var tables: [RowTable] = []
    package var quarantine: [Quarantined] = []
    package var archives: [DueArchive] = []
    package var rollups: [DueRelation] = []
    package var segments: [DueSegment] = []
    /// Partitions whose detachment somebody began and did not end.
    package var pending: [String] = []
    /// Copies of what stays of a partition, from runs that ended before they put them in its place.
    package var copies: [String] = []
    /// Retention classes without partitions of their own.
    package var newClasses: [String] = []
    /// Policies of tables that there are not.
    package var missing: [String] = []
    package var openReceipts: [OpenReceipt] = []
    /// By source: the median of what earlier runs took.
    package var medians: [String: Int] = [:]
    /// By policy: how many seconds were overdue after the last runs, newest first, and when nothing was to be any more.
    package var debts: [String: [(at: Timestamp, overdue: Double, drainedAt: Timestamp?)]] = [:]

    package init(now: Timestamp) { self.now = now }

    package struct Obstacle: Hashable, Sendable {
        package var code: String
        package var reason: String

        package init(code: String, reason: String) {
            self.code = code
            self.reason = reason
        }
    }

    /// A partition of a table that is purged by days.
    package struct Leaf: Hashable, Sendable {
        package var policy: String
        package var oid: Int
        package var relation: String
        package var name: String
        package var retentionClass: String?
        package var range: Range<Timestamp>
        /// As the server estimates it.
        package var rows: Int
        package var bytes: Int
        /// Of 8 KiB.
        package var pages: Int
        /// Counters that move when it is written to.
        package var fingerprint: String
        /// Rows by tenant's id; empty where nobody had to ask.
        package var tenants: [String: Int] = [:]
        /// Tenants of which a hold keeps rows of it, by id.
        package var heldTenants: Set<String> = []
        /// What stands against all of it going, or the part that would; holds of tenants are told above.
        package var obstacles: [Obstacle] = []

        package init(
            policy: String,
            oid: Int,
            relation: String,
            name: String,
            retentionClass: String?,
            range: Range<Timestamp>,
            rows: Int,
            bytes: Int,
            pages: Int,
            fingerprint: String
        ) {
            self.policy = policy
            self.oid = oid
            self.relation = relation
            self.name = name
            self.retentionClass = retentionClass
            self.range = range
            self.rows = rows
            self.bytes = bytes
            self.pages = pages
            self.fingerprint = fingerprint
        }
    }

    /// A table whose rows are deleted in batches.
    package struct RowTable: Hashable, Sendable {
        package var policy: String
        package var oid: Int
        package var relation: String
        package var timeColumn: String
        package var tenantColumn: String?
        /// Of the table, as the server estimates it.
        package var rows: Int
        /// Of 8 KiB; of the largest partition.
        package var pages: Int
        /// Whether an index begins with the time column.
        package var hasTimeIndex: Bool
        /// What is to go, by whose rows: nil are all tenants without an exception.
        package var due: [Due] = []
        package var holds: [Hold] = []

        package struct Due: Hashable, Sendable {
            package var tenant: String?
            package var slug: String?
            package var before: Timestamp
            package var rows: Int
            package var oldest: Timestamp?
            package var held: Int
        }

        package struct Hold: Hashable, Sendable {
            package var tenant: String?
            package var start: Timestamp?
            package var end: Timestamp?
            package var reason: String
        }
    }

    /// A receipt that a run which ended early left open: what it counts is gone.
    package struct OpenReceipt: Hashable, Sendable {
        package var id: String
        package var item: String
        package var rows: Int
    }

    package struct Quarantined: Hashable, Sendable {
        package var id: String
        package var source: String
        package var partition: String
        package var dropAfter: Timestamp
        package var bytes: Int
        package var obstacle: String?
        package var isDue: Bool
    }

    package struct DueArchive: Hashable, Sendable {
        package var policy: String
        package var id: String
        package var source: String
        package var objectKey: String
        package var manifestKey: String?
        package var rows: Int
        package var bytes: Int
        package var sha256: String
        package var rangeStart: Timestamp?
        package var rangeEnd: Timestamp
        package var held: String?
    }

    package struct DueRelation: Hashable, Sendable {
        package var level: String
        package var relation: String
        package var range: Range<Timestamp>
        package var rows: Int
        package var bytes: Int
        package var held: String?
    }

    package struct DueSegment: Hashable, Sendable {
        /// nil: the platform's chain.
        package var tenant: String?
        package var rows: Int
        package var first: Timestamp
        package var last: Timestamp
        package var lastSequence: Int
        package var held: String?
    }
}
