/// A spot in a configuration file; line and column count from 1, columns in Unicode scalars.
struct Place: Hashable, Comparable, Sendable {
    var line: Int
    var column: Int

    static let start = Place(line: 1, column: 1)

    static func < (left: Place, right: Place) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One fault of a configuration file: where it is, which rule it breaks, what stands there instead.
package struct ConfigProblem: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    let place: Place
    /// The dotted key, `database.pool`; `(file)` when the file as a whole is at fault.
    package let path: String
    /// What must hold, with the way out where there is one.
    package let rule: String
    /// The raw text in the file, never an interpolated value and never a secret.
    package let found: String

    static let wholeFile = "(file)"

    package var description: String {
        "\(file):\(place.line):\(place.column): \(path): \(rule) (found \(found))"
    }
}

/// Every fault of one or more configuration files, one a line, in the order of the files and of the places in them.
///
/// A caller ends with exit status 78 and prints the description as it stands.
package struct ConfigErrors: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [ConfigProblem]

    /// Keeps one of each problem and sorts those of one file by place.
    init(_ problems: [ConfigProblem]) {
        var seen: Set<ConfigProblem> = []
        self.problems = problems.filter { seen.insert($0).inserted }
            .enumerated()
            .sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
            .map(\.element)
    }

    /// Joins the faults of several files, in the order given.
    package init(joining errors: [ConfigErrors]) {
        problems = errors.flatMap(\.problems)
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
