/// One migration: a file `NNNN_name.sql` with what to do and how to undo it.
package struct MigrationFile: Hashable, Sendable {
    /// The file's name without its folder, `0007_add_domains.sql`: the name people and reports know it by.
    package let name: String
    /// Where it was read, for messages that lead an editor to a line.
    package let path: String
    package let version: MigrationVersion
    /// SHA-256 of the whole file, in hexadecimal.
    package let sha256: String
    /// The file's content, to the byte.
    let bytes: [UInt8]
    package let up: MigrationSection
    /// nil when the file has no `-- migrate:down`.
    package let down: MigrationSection?
}

/// One half of a migration.
package struct MigrationSection: Hashable, Sendable {
    /// The SQL from behind the marker's line to the next marker or the end.
    package let text: String
    /// The line of the file on which `text` begins, from 1.
    package let firstLine: Int
    /// The section runs in one transaction with its ledger row; `transaction:false` switches that off.
    package let isTransactional: Bool
    package let statements: [SQLStatement]
}

/// A file that is no usable migration: where, what, and what to do.
package struct MigrationFileError: Error, Hashable, Sendable {
    package var path: String
    /// From 1; nil when it is about the file as a whole.
    package var line: Int?
    package var problem: String

    package init(path: String, line: Int? = nil, _ problem: String) {
        self.path = path
        self.line = line
        self.problem = problem
    }
}

extension MigrationFileError: CustomStringConvertible {
    package var description: String {
        "\(path):\(line.map { "\($0):" } ?? "") \(problem)"
    }
}

/// Every fault found in a set of files; they are looked for all at once.
package struct MigrationFileErrors: Error, Hashable, Sendable, CustomStringConvertible {
    package var faults: [MigrationFileError]

    package var description: String {
        faults.map(\.description).joined(separator: "\n")
    }
}
