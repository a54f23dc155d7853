import CygniModel

/// Something a preview owns, by its row in cygni.preview_belongings.
struct Belonging: Hashable, Sendable {
    /// In the order in which they go: nothing leads any more to what is taken away next.
    enum Kind: String, CaseIterable, Sendable {
        case route, dns, schema, database
    }

    var kind: Kind
    var name: String

    var words: String { "\(kind.rawValue) \(name.printable)" }
}

/// What is left in the way of a teardown.
struct TeardownFault: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}

/// Removes what previews own of one kind, and looks whether it is gone.
protocol BelongingKeeper: Sendable {
    /// Bytes that it takes, as far as they are known.
    ///
    /// - Throws: ``TeardownFault``.
    func bytes(_ belonging: Belonging, of preview: Preview) async throws -> Int64

    /// Deletes it if it says itself whose it is. What is gone already is gone.
    ///
    /// - Throws: ``TeardownFault``.
    func delete(_ belonging: Belonging, of preview: Preview) async throws

    /// - Throws: ``TeardownFault`` when it is still there, or nobody can tell.
    func probe(_ belonging: Belonging, of preview: Preview) async throws
}

extension BelongingKeeper {
    func bytes(_ belonging: Belonging, of preview: Preview) async throws -> Int64 { 0 }
}
