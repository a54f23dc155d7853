import CygniModel
import Glibc

extension FolderStore {
    /// Keys on one page.
    private static let pageSize = 1000

    package func list(_ prefix: String, token: String?) async throws -> ObjectPage {
        try await attempt("list '\(prefix)'") {
            var found: [ObjectInfo] = []
            do {
                try gather(open(), below: "", prefix, after: token ?? "", into: &found)
            } catch let fault as FolderFault where fault.isMissing {
                return ObjectPage(objects: [], token: nil)
            }
            let page = Array(found.prefix(Self.pageSize))
            return ObjectPage(objects: page, token: found.count > page.count ? page.last?.key : nil)
        }
    }

    /// Adds keys in the order of their bytes, until there is one more than a page holds.
    private func gather(
        _ folder: FolderHandle,
        below path: String,
        _ prefix: String,
        after: String,
        into found: inout [ObjectInfo]
    ) throws {
        // A folder's keys begin with its name and a slash, so that is what it is sorted by.
        let entries = try folder.entries().filter { !$0.name.hasPrefix(".cygni-") }
            .map {
                (name: $0.name, isFolder: $0.isFolder, key: path + FolderKey.decode($0.name) + ($0.isFolder ? "/" : ""))
            }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for entry in entries where found.count <= Self.pageSize {
            if entry.isFolder {
                let mayMatch = entry.key.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: entry.key.utf8)
                // All of its keys come before `after`, unless they share its beginning.
                let isPast =
                    entry.key.utf8.lexicographicallyPrecedes(after.utf8) && !after.utf8.starts(with: entry.key.utf8)
                guard mayMatch, !isPast else { continue }
                try gather(folder.folder(entry.name), below: entry.key, prefix, after: after, into: &found)
            } else if entry.key.utf8.starts(with: prefix.utf8), after.utf8.lexicographicallyPrecedes(entry.key.utf8) {
                let status: FileStatus
                do {
                    status = try folder.status(of: entry.name)
                } catch let fault as FolderFault where fault.isMissing {
                    // Deleted while we looked.
                    continue
                }
                let modifiedAt = Timestamp(microseconds: status.modifiedAt)
                found.append(ObjectInfo(key: entry.key, size: status.size, modifiedAt: modifiedAt))
            }
        }
    }
}
