import CygniCommand
import CygniLog

/// How text may look where it goes.
struct TextStyle: Sendable {
    /// Columns.
    var width: Int
    var color: Bool
    /// Whether characters beyond ASCII arrive whole.
    var unicode: Bool

    /// What stdout takes; 80 columns where nobody says more.
    init(_ surroundings: Surroundings) {
        let environment = surroundings.environment
        let output = surroundings.standardOutput
        width = output.width ?? environment["COLUMNS"].flatMap { Int($0) } ?? 80
        // https://no-color.org: set and not empty.
        color = output.isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        // The first of these that is set decides (POSIX, 8.2).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        unicode = locale.uppercased().replacing("-", with: "").contains("UTF8")
    }

    init(width: Int, color: Bool, unicode: Bool) {
        self.width = width
        self.color = color
        self.unicode = unicode
    }
}

extension Surroundings {
    /// Writes a text that ends with a line break to stdout.
    func show(_ text: String) {
        standardOutput.write(line: text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }

    /// Writes one line to stderr.
    func tell(_ line: String) {
        standardError.write(line: line)
    }
}
