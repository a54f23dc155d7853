import CygniArchive
import CygniModel
import CygniObjectStore
import CygniPostgres
import FoundationEssentials

extension ErasureSteps {
    /// That one call of DeleteObjects takes.
    private static let objectsPerCall = 1000

    func delete(_ keys: [String], _ receipt: String) async throws {
        for start in stride(from: 0, to: keys.count, by: Self.objectsPerCall) {
            let part = Array(keys[start..<min(start + Self.objectsPerCall, keys.count)])
            let failed = try await archives.store.deleteVersions(part)
            if let first = failed.sorted(by: { $0.key < $1.key }).first {
                throw ToolError(
                    "\(failed.count.counted("object")) could not be deleted, first '\(first.key)': \(first.value)",
                    status: .failure
                )
            }
        }
        try await owner.transaction { try finish(receipt, in: $0) }
    }

    func erase(_ object: ErasurePlan.ArchivedObject, _ item: ErasurePlan.Item) async throws {
        let manifest = try await ArchiveReader.manifest(object.manifestKey, in: archives.store)
        let made = try await archives.remake(manifest, without: id)
        let keys = [object.objectKey, object.manifestKey]
        let receipt = try await owner.transaction { session in
            try demandNoHold(item, in: session)
            let changed =
                if let made {
                    try session.query(
                        Self.statements["replace_archive"],
                        object.id,
                        made.objectKey,
                        "\(made.objectKey).manifest.json",
                        made.rows,
                        made.bytes,
                        made.rawBytes,
                        made.sha256,
                        made.rowDigest,
                        SHA256Stream.hex(of: made.text),
                        object.objectKey
                    )
                } else {
                    try session.query(Self.statements["end_archive"], object.id, object.objectKey)
                }
            guard !changed.isEmpty else {
                throw ToolError(
                    "\(object.objectKey) was changed by somebody else meanwhile: try again",
                    status: .failure
                )
            }
            let receipt = try openReceipt("archives", object.objectKey, item, keys: keys, in: session)
            _ = try session.query(
                Self.statements["add_rows"],
                receipt,
                item.count,
                Int(manifest.bytes - (made?.bytes ?? 0))
            )
            return receipt
        }
        try await delete(keys, receipt)
    }

    func deleteArtifacts(_ prefix: String, _ item: ErasurePlan.Item) async throws {
        let objects = try await archives.store.all(prefix)
        let receipt = try await owner.transaction { session in
            try demandNoHold(item, in: session)
            let receipt = try openReceipt("artifacts", prefix, item, in: session)
            _ = try session.query(
                Self.statements["add_rows"],
                receipt,
                objects.count,
                Int(objects.reduce(0) { $0 + $1.size })
            )
            return receipt
        }
        try await delete(objects.map(\.key), receipt)
    }
}
