package import CygniModel
import Glibc

/// The name of a migration that is about to be written: what the folder's habit makes of a person's words.
package struct NewMigration: Hashable, Sendable {
    /// `0008_add_domains.sql`
    package let fileName: String

    /// A folder whose newest version is a time, 14 digits of it, goes on with times; any other one counts.
    ///
    /// - Parameters:
    ///   - words: what it is about; anything but ASCII letters and digits becomes an underscore.
    ///   - existing: the names of the folder's migrations.
    /// - Returns: nil when nothing is left of the words.
    package init?(_ words: String, existing: [String], now: Timestamp) {
        let name = words.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "_")
        guard !name.isEmpty else { return nil }
        let versions = existing.compactMap { MigrationVersion(String($0.prefix { ("0"..."9").contains($0) })) }
        let newest = versions.max()
        fileName = "\(Self.version(after: newest, now: now))_\(name).sql"
    }

    private static func version(after newest: MigrationVersion?, now: Timestamp) -> String {
        guard let newest else { return "0001" }
        guard newest.text.count == 14 else { return newest.successor }
        // 2026-11-22T03:17:00.000Z
        let time = String(now.rfc3339.prefix(19).filter { $0.isNumber })
        // Clocks of several people differ; a new file still goes to the end.
        return MigrationVersion(time).map { $0 > newest } == true ? time : newest.successor
    }

    /// What the file begins with.
    package static let template = "-- migrate:up\n\n\n-- migrate:down\n\n"
}
