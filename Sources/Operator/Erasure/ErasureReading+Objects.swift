import CygniArchive
import CygniModel
import CygniObjectStore
import CygniPostgres
import FoundationEssentials

extension ErasureReading {
    func leftovers(_ connection: Connection) async throws -> [ErasurePlan.Item] {
        let begun = try await connection.access { session in
            try session.query(Self.statements["unfinished_objects"], id).map {
                (receipt: try $0.get("id", as: String.self), key: try $0.get("key", as: String.self))
            }
        }
        return Dictionary(grouping: begun, by: \.receipt).map { receipt, rows in
            let keys = rows.map(\.key)
            return ErasurePlan.Item(target: .leftovers(receipt: receipt, keys: keys), name: keys[0], count: keys.count)
        }.sorted { $0.name < $1.name }
    }

    func archives(_ connection: Connection, _ plan: inout ErasurePlan) async throws -> [ErasurePlan.Item] {
        let rows = try await connection.access { session in
            try session.query(Self.statements["archives"]).map { row in
                let start = try row.get("range_start", as: Timestamp?.self)
                let end = try row.get("range_end", as: Timestamp.self)
                return (
                    ErasurePlan.ArchivedObject(
                        id: try row.get("id"),
                        source: try row.get("source"),
                        objectKey: try row.get("object_key"),
                        manifestKey: try row.get("manifest_key")
                    ), start.map { $0..<max($0, end) }
                )
            }
        }
        var items: [ErasurePlan.Item] = []
        var files = 0
        for (object, range) in rows {
            let manifest = try await ArchiveReader.manifest(object.manifestKey, in: store)
            if manifest.file != nil { files += 1 }
            guard let count = manifest.tenants[id], count > 0 else { continue }
            let sources =
                [object.source, String(object.source.prefix { $0 != "/" }), manifest.table?.name ?? ""]
                + [object.source.firstMatch(of: /^(.+)_p[0-9]{8}/).map { String($0.1) }].compactMap { $0 }
            let held = try await connection.access { try obstacle(sources, range, in: $0) }
            let sealed =
                manifest.isSealed && !opensSealed
                ? "it is sealed: give --key, and encryption.recipients to seal the rest again" : nil
            items.append(
                ErasurePlan.Item(
                    target: .archive(object),
                    name: object.objectKey,
                    count: count,
                    sources: sources,
                    range: range,
                    obstacle: held ?? sealed
                )
            )
        }
        if files > 0 {
            plan.remains.append(
                (
                    "archived files",
                    "\(files.counted("object")) of log files do not say whose lines they hold; not looked into"
                )
            )
        }
        return items
    }

    func artifacts(_ connection: Connection) async throws -> [ErasurePlan.Item] {
        let prefixes = try await connection.access { session in
            try session.query(Self.statements["prefixes"], tenant).map { row in
                (
                    try row.get("prefix", as: String.self), try row.get("is_shared", as: Bool.self),
                    try obstacle(["deployments"], nil, in: session)
                )
            }
        }
        var items: [ErasurePlan.Item] = []
        for (prefix, isShared, held) in prefixes {
            let folder = prefix.hasSuffix("/") ? prefix : prefix + "/"
            let objects = try await store.all(folder)
            guard !objects.isEmpty else { continue }
            items.append(
                ErasurePlan.Item(
                    target: .artifacts(prefix: folder),
                    name: folder,
                    count: objects.count,
                    sources: ["deployments"],
                    obstacle: held ?? (isShared ? "another tenant's deployments are kept under it too" : nil)
                )
            )
        }
        return items
    }
}
