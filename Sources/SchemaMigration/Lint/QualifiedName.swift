/// The name of a table, type or index: its parts as the server keeps them, folded unless quoted.
struct QualifiedName: Hashable, Sendable {
    var parts: [String]

    var last: String { parts.last ?? "" }

    /// As it is written in SQL.
    var sql: String { parts.map(Self.quoted).joined(separator: ".") }

    /// One of the two may leave the schema to the search path.
    func mayBe(_ other: QualifiedName) -> Bool {
        zip(parts.reversed(), other.parts.reversed()).allSatisfy { $0 == $1 }
    }

    static func quoted(_ part: String) -> String {
        let isPlain =
            part.first.map { $0 == "_" || ("a"..."z").contains($0) } == true
            && part.allSatisfy { $0 == "_" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        return isPlain
            ? part
            : "\"" + part.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
