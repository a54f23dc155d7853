package import CygniModel

/// What a run finds before it decides.
package struct ArchiveFacts: Sendable {
    package var now: Timestamp
    package var sources: [TableSource] = []
    package var files: [FileFact] = []
    package var strays = 0
    /// Stored bytes per byte of lines, of earlier archives; nil: there are none.
    package var ratio: Double?

    package init(now: Timestamp) {
        self.now = now
    }
}

/// A partition, or a table without partitions.
package struct TableSource: Hashable, Sendable {
    /// As in receipts: `log_lines_p20261122`, `public.access_log`.
    package var name: String
    /// Quoted and qualified.
    package var relation: String
    /// The key of ``ArchiveSettings/tables``.
    package var settings: String
    /// First moment of its rows and first moment after them; nil: it has no bounds that tell.
    package var range: Range<Timestamp>?
    /// On disk, without indexes.
    package var bytes: Int64
    /// The server's estimate; -1: none was made.
    package var tuples: Double
    package var state: SourceState
    package var receipts: [Receipt] = []

    package init(
        name: String,
        relation: String,
        settings: String,
        range: Range<Timestamp>?,
        bytes: Int64,
        tuples: Double = -1,
        state: SourceState
    ) {
        self.name = name
        self.relation = relation
        self.settings = settings
        self.range = range
        self.bytes = bytes
        self.tuples = tuples
        self.state = state
    }
}

/// What tells whether a table changed: the server's counters, which cost nothing to read.
package struct SourceState: Hashable, Sendable, Codable {
    /// Rows ever inserted and updated, as far as the counters go back.
    package var changes: Int64
    package var filenode: Int64
    /// `system_identifier`: in a restored copy of the database, transaction numbers mean nothing.
    package var cluster: String
    /// `pg_current_snapshot()` of the reading; nil in facts.
    package var snapshot: String?

    package init(changes: Int64, filenode: Int64, cluster: String, snapshot: String? = nil) {
        self.changes = changes
        self.filenode = filenode
        self.cluster = cluster
        self.snapshot = snapshot
    }

    /// Whether nothing was written to the table between the two.
    package func isLike(_ other: SourceState) -> Bool {
        (changes, filenode, cluster) == (other.changes, other.filenode, other.cluster)
    }
}

/// A row of `archives`.
package struct Receipt: Hashable, Sendable {
    package var id: String
    package var objectKey: String
    package var part: Int
    package var range: Range<Timestamp>?
    package var rows: Int
    package var rowDigest: String?
    package var isVerified: Bool
    package var state: SourceState?
    /// Of one that is not verified: whether the store has an object of its size under its key.
    package var isStored = false
    /// Of the object as stored.
    package var bytes: Int64 = 0

    package init(
        id: String,
        objectKey: String,
        part: Int,
        range: Range<Timestamp>?,
        rows: Int,
        rowDigest: String?,
        isVerified: Bool,
        state: SourceState?
    ) {
        self.id = id
        self.objectKey = objectKey
        self.part = part
        self.range = range
        self.rows = rows
        self.rowDigest = rowDigest
        self.isVerified = isVerified
        self.state = state
    }
}

/// A file that a pattern names.
package struct FileFact: Hashable, Sendable {
    package var path: String
    /// The key of ``ArchiveSettings/files``.
    package var settings: String
    package var identity: FileIdentity
    /// The archive that holds its content; nil: none is known.
    package var archive: String?
    /// A begun archive of it that the store has: it is finished first.
    package var begun: Receipt?

    package init(path: String, settings: String, identity: FileIdentity) {
        self.path = path
        self.settings = settings
        self.identity = identity
    }
}

/// What tells a file from others and from itself before a change (stat(2)).
package struct FileIdentity: Hashable, Sendable, Codable {
    package var device: Int64
    package var inode: Int64
    package var size: Int64
    /// Cut to microseconds.
    package var modifiedAt: Int64

    package init(device: Int64, inode: Int64, size: Int64, modifiedAt: Int64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modifiedAt = modifiedAt
    }
}
