package import CygniModel

/// Bytes under keys: a folder, or a bucket of an S3 service.
///
/// Every function throws ``ObjectStoreError`` or `CancellationError`. An object is there whole or not at all, whatever
/// happens to the process that puts it.
package protocol ObjectStore: Sendable {
    /// Where it is, for messages: `file:///var/lib/cygni/objects`, `s3://bucket/prefix`.
    var place: String { get }

    /// Stores an object.
    ///
    /// - Returns: whether the object is ours now, or was there already and stayed as it was.
    @discardableResult
    func put(_ key: String, _ body: ObjectBody, _ condition: PutCondition) async throws -> PutResult

    /// Stores a small object in place of what is there, and proves that it is stored as it was sent: by the digest that the
    /// service computed of what it got, else by reading it back.
    ///
    /// - Returns: whether it is.
    func putProven(_ key: String, _ bytes: [UInt8]) async throws -> Bool

    /// Reads an object, or a part of it.
    ///
    /// - Parameter range: bytes from 0; a range that reaches past the end is cut there, one that begins there is an error.
    func get(_ key: String, range: Range<Int64>?) async throws -> ObjectDownload

    /// Whether the place itself is there: in a folder that is not mounted nothing is found either.
    func isThere() async throws -> Bool

    /// Size and age; nil when there is no such object.
    func head(_ key: String) async throws -> ObjectInfo?

    /// Keys that begin with `prefix`, in the order of their UTF-8 bytes, a page at a time.
    ///
    /// - Parameter token: of the page before; nil begins.
    func list(_ prefix: String, token: String?) async throws -> ObjectPage

    /// Deletes objects; a key without one counts as deleted.
    ///
    /// - Returns: the keys that could not be deleted, each with its cause.
    func delete(_ keys: [String]) async throws -> [String: String]

    /// The same with every version of each object that the store keeps, so that nothing is left.
    func deleteVersions(_ keys: [String]) async throws -> [String: String]

    /// Uploads that were begun before a moment and neither completed nor aborted.
    func strayUploads(_ prefix: String, before: Timestamp) async throws -> [StrayUpload]

    /// Lets go of what such an upload has stored.
    func abort(_ upload: StrayUpload) async throws
}

extension ObjectStore {
    /// A bucket that is not there answers so whatever it is asked.
    package func isThere() async throws -> Bool { true }

    package func deleteVersions(_ keys: [String]) async throws -> [String: String] { try await delete(keys) }

    package func putProven(_ key: String, _ bytes: [UInt8]) async throws -> Bool {
        try await put(key, .bytes(bytes), .replace)
        return try await isStored(key, bytes)
    }

    /// Whether exactly these bytes come back.
    func isStored(_ key: String, _ bytes: [UInt8]) async throws -> Bool {
        try await get(key).collect(upTo: bytes.count + 1) == bytes
    }

    package func get(_ key: String) async throws -> ObjectDownload {
        try await get(key, range: nil)
    }

    /// Every key that begins with `prefix`.
    package func all(_ prefix: String) async throws -> [ObjectInfo] {
        var found: [ObjectInfo] = []
        var token: String?
        repeat {
            let page = try await list(prefix, token: token)
            found += page.objects
            token = page.token
        } while token != nil
        return found
    }
}

/// When an object may be stored.
package enum PutCondition: Hashable, Sendable {
    /// Only where there is none.
    case ifAbsent
    /// In place of what is there.
    case replace
}

package enum PutResult: Hashable, Sendable {
    case stored
    /// There is one already; nothing was changed.
    case exists
}

package struct ObjectInfo: Hashable, Sendable {
    package let key: String
    package let size: Int64
    package let modifiedAt: Timestamp?

    package init(key: String, size: Int64, modifiedAt: Timestamp?) {
        self.key = key
        self.size = size
        self.modifiedAt = modifiedAt
    }
}

package struct ObjectPage: Sendable {
    package let objects: [ObjectInfo]
    /// For the next page; nil after the last.
    package let token: String?
}

/// An object on its way to us.
package struct ObjectDownload: Sendable {
    /// Of the whole object, also when a range was asked for; nil when the store does not tell.
    package let size: Int64?
    /// Pieces in order; nil at the end. A body cut off throws.
    package let next: @Sendable () async throws -> [UInt8]?

    /// All of it.
    ///
    /// - Parameter limit: bytes; more is an error.
    package func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard bytes.count + piece.count <= limit else {
                throw ObjectStoreError(.garbled, "the object is longer than \(limit) bytes")
            }
            bytes += piece
        }
        return bytes
    }
}

package struct StrayUpload: Hashable, Sendable {
    package let key: String
    /// What the store calls it.
    package let id: String
    package let startedAt: Timestamp
}
