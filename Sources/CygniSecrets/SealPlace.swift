import CygniModel
package import FoundationEssentials

/// Where a sealed value stands: it opens there and nowhere else, so that nobody who may only write to the database can
/// put one row's secret into another.
package struct SealPlace: Hashable, Sendable, CustomStringConvertible {
    /// With its schema: `cygni.acme_accounts`.
    package let table: String
    /// The row's key as text.
    package let row: String
    package let column: String

    package init(table: String, row: String, column: String) {
        (self.table, self.row, self.column) = (table, row, column)
    }

    package init(table: String, row: UUID, column: String) {
        self.init(table: table, row: row.text, column: column)
    }

    package var description: String { "\(table) \(row) \(column)" }

    /// What is authenticated with the value. Each part is preceded by its length, so no two places read the same.
    func associatedData(_ purpose: String, key: String) -> [UInt8] {
        [purpose, key, table, row, column].flatMap { part in
            let bytes = Array(part.utf8)
            return withUnsafeBytes(of: UInt32(bytes.count).bigEndian, Array.init) + bytes
        }
    }
}
