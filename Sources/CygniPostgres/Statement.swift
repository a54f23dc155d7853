/// One SQL statement and the name it goes by in errors and logs.
///
/// Statements live in `.sql` files; ``StatementFile`` hands them out by name.
package struct Statement: Hashable, Sendable {
    /// The name in errors, for example `job_runs.insert`.
    package let name: String
    /// The SQL, with `$1`, `$2` … for its binds.
    package let text: String
    /// COPY has a protocol of its own.
    let isCopy: Bool

    package init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
        isCopy = text.drop(while: \.isWhitespace).prefix(5).lowercased() == "copy "
    }
}

/// The named statements of one embedded `.sql` file, each behind a line `-- name: the_name`.
package struct StatementFile: Sendable {
    private let file: String
    /// Every statement of the file, in its order; tests prepare each of them once.
    package let statements: [Statement]
    private let byName: [String: Statement]

    /// Splits an embedded file.
    ///
    /// - Parameters:
    ///   - file: the file's base name; statements are named `file.the_name`.
    ///   - bytes: its text, UTF-8.
    package init(_ file: String, _ bytes: [UInt8]) {
        self.file = file
        var found: [Statement] = []
        var byName: [String: Statement] = [:]
        var name: String?
        var lines: [Substring] = []
        func finish() {
            guard let name else { return }
            let statement = Statement("\(file).\(name)", lines.joined(separator: "\n"))
            found.append(statement)
            byName[name] = byName[name] ?? statement
        }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("-- name: ") {
                finish()
                name = String(line.dropFirst("-- name: ".count))
                lines = []
            } else {
                lines.append(line)
            }
        }
        finish()
        statements = found
        self.byName = byName
    }

    /// The statement behind `-- name: name`. A name that is not in the file is a programming error and stops the process.
    package subscript(name: String) -> Statement {
        guard let statement = byName[name] else {
            preconditionFailure("no statement '\(name)' in \(file).sql")
        }
        return statement
    }
}
