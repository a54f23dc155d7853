/// A table-level lock, weakest first, as PostgreSQL's manual names them (13.3.1).
package enum LockMode: Int, CaseIterable, Comparable, Sendable {
    case accessShare, rowShare, rowExclusive, shareUpdateExclusive, share, shareRowExclusive, exclusive, accessExclusive

    package static func < (one: LockMode, other: LockMode) -> Bool { one.rawValue < other.rawValue }

    /// As SQL writes it: `ACCESS EXCLUSIVE`.
    package var name: String {
        switch self {
        case .accessShare: "ACCESS SHARE"
        case .rowShare: "ROW SHARE"
        case .rowExclusive: "ROW EXCLUSIVE"
        case .shareUpdateExclusive: "SHARE UPDATE EXCLUSIVE"
        case .share: "SHARE"
        case .shareRowExclusive: "SHARE ROW EXCLUSIVE"
        case .exclusive: "EXCLUSIVE"
        case .accessExclusive: "ACCESS EXCLUSIVE"
        }
    }

    /// As `pg_locks.mode` writes it: `AccessExclusiveLock`.
    package var catalogName: String {
        name.split(separator: " ").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined() + "Lock"
    }

    /// - Parameter text: either spelling, in any case.
    package init?(_ text: String) {
        let wanted = Self.folded(text)
        guard let mode = Self.allCases.first(where: { Self.folded($0.name) == wanted }) else { return nil }
        self = mode
    }

    private static func folded(_ text: String) -> String {
        let letters = text.lowercased().filter(\.isLetter)
        return letters.hasSuffix("lock") ? String(letters.dropLast(4)) : letters
    }

    /// The modes that another session cannot have meanwhile (table 13.2 of the manual).
    package var conflicts: [LockMode] {
        switch self {
        case .accessShare: [.accessExclusive]
        case .rowShare: [.exclusive, .accessExclusive]
        case .rowExclusive: [.share, .shareRowExclusive, .exclusive, .accessExclusive]
        case .shareUpdateExclusive: Self.allCases.filter { $0 >= .shareUpdateExclusive }
        case .share: Self.allCases.filter { $0 >= .rowExclusive && $0 != .share }
        case .shareRowExclusive: Self.allCases.filter { $0 >= .rowExclusive }
        case .exclusive: Self.allCases.filter { $0 >= .rowShare }
        case .accessExclusive: Self.allCases
        }
    }

    /// Who waits while it is held, in words.
    package var consequence: String {
        switch self {
        case .accessShare, .rowShare: "only schema changes wait"
        case .rowExclusive: "index builds and schema changes wait"
        case .shareUpdateExclusive: "vacuum and schema changes wait"
        case .share, .shareRowExclusive: "writes wait"
        case .exclusive: "writes and SELECT FOR UPDATE wait"
        case .accessExclusive: "reads and writes wait"
        }
    }
}
