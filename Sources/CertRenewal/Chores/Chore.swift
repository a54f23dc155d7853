package import CygniJobs
import FoundationEssentials

/// What an operator asks for beside renewing.
package enum Chore: Hashable, Sendable {
    /// These are to be replaced, in this order.
    case replace([CertificateRow], reason: String)
    case revoke(CertificateRow, RevocationReason, replaces: Bool)
    case importing(ImportedCertificate)
    case export(CertificateRow, folder: String)
    /// Another key for our account with a CA.
    case changeAccountKey(authority: String)
    /// So many secrets go under the current key-encryption key.
    case rewrap(table: String, count: Int)

    package var item: PlannedItem {
        switch self {
        case .replace(let rows, let reason):
            PlannedItem(id: "\(rows.count) certificates", action: "mark", reason: "to be replaced: \(reason)")
        case .revoke(let row, let reason, let replaces):
            PlannedItem(id: row.name, action: "revoke", reason: "\(reason.rawValue)\(replaces ? ", and replace" : "")")
        case .importing(let found):
            PlannedItem(id: found.names.first ?? found.path, action: "import", reason: "from \(found.path)")
        case .export(let row, let folder): PlannedItem(id: row.name, action: "export", reason: "to \(folder)")
        case .changeAccountKey(let authority):
            PlannedItem(id: authority, action: "change-key", reason: "of our account")
        case .rewrap(let table, let count):
            PlannedItem(id: table, action: "rewrap", reason: "\(count) under another key-encryption key")
        }
    }
}

/// Why a certificate is revoked (RFC 5280, section 5.3.1), as far as a subscriber says.
package enum RevocationReason: String, CaseIterable, Sendable {
    case unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation

    package var number: Int {
        switch self {
        case .unspecified: 0
        case .keyCompromise: 1
        case .affiliationChanged: 3
        case .superseded: 4
        case .cessationOfOperation: 5
        }
    }
}
