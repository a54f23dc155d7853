import CygniJobs
import CygniModel
import CygniPostgres
import CygniSecrets
import FoundationEssentials

/// Puts sealed secrets under the current key-encryption key, a few at a time, while everything goes on. The secrets themselves are
/// not opened; what is cut off is taken up by the next run.
struct Rewrapping: Sendable {
    let context: JobContext
    let ring: KeyRing

    /// Tables with sealed secrets, and the column that they are in.
    static let columns = ["cygni.certificate_keys": "sealed", "cygni.acme_accounts": "sealed"]
    private static let batch = 100

    /// How many are under another key, by table.
    static func pending(_ context: JobContext, _ current: String) async throws -> [String: Int] {
        try await context.read { session in
            try session.query(CertificateBook.statements["stale_secrets"], current).reduce(into: [:]) { counts, row in
                counts[try row.get("name", as: String.self)] = try row.get("secrets", as: Int.self)
            }
        }
    }

    func rewrap(_ table: String) async throws {
        guard let current = ring.current, let column = Self.columns[table] else { throw SealError.noKey }
        let kind = table == "cygni.acme_accounts" ? "accounts" : "keys"
        while true {
            try await context.checkpoint()
            let done = try await context.transaction { session -> Int in
                let rows = try session.query(CertificateBook.statements["stale_\(kind)"], current, Self.batch)
                for row in rows {
                    let id: UUID = try row.get("id")
                    let place = SealPlace(table: table, row: id, column: column)
                    let old: Bytes = try row.get("sealed")
                    let new = try ring.rewrap(old.bytes, at: place) ?? old.bytes
                    try session.query(CertificateBook.statements["rewrap_\(kind)"], id, Bytes(new), current)
                }
                return rows.count
            }
            guard done > 0 else { return }
            context.count("rewrapped", done)
            context.crashPoint("cert.rewrapped")
        }
    }
}
