import CygniCommand
import CygniLog
import CygniModel

/// What a person reads: a line per file once it is committed, and one at the end.
struct MigrateText: Sendable {
    /// nil: stdout belongs to the report.
    private let output: LineOutput?
    /// Where the file in hand is shown; nil off a terminal.
    private let status: LineOutput?
    private let hasColors: Bool

    enum Color: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }

    init(_ surroundings: Surroundings, isShown: Bool) {
        output = isShown ? surroundings.standardOutput : nil
        let isPlain =
            surroundings.environment["TERM"] == "dumb" || !surroundings.environment["NO_COLOR", default: ""].isEmpty
        hasColors = surroundings.standardOutput.isTerminal && !isPlain
        status = isShown && surroundings.standardError.isTerminal && !isPlain ? surroundings.standardError : nil
    }

    func say(_ line: String) {
        output?.write(line: line)
    }

    /// `applied   0007_add_domains.sql  12 ms`
    ///
    /// - Parameter width: that of the longest file name, so that what follows the names lines up.
    func line(_ word: String, _ color: Color, _ file: String, _ remark: String = "", width: Int = 0) {
        say(lined(word, color, file, remark, width: width))
    }

    /// The same as text, for a list that goes out in one piece.
    func lined(_ word: String, _ color: Color, _ file: String, _ remark: String, width: Int) -> String {
        let gap = String(repeating: " ", count: max(1, 10 - word.count))
        let padding = String(repeating: " ", count: remark.isEmpty ? 0 : max(0, width - file.count) + 2)
        return "\(painted(word, color))\(gap)\(file)\(padding)\(remark)"
    }

    func began(_ file: MigrationFile, _ direction: Direction) {
        status?.show(status: "\(direction == .up ? "applying" : "reverting") \(file.name) …")
    }

    func ended(_ file: MigrationFile, _ direction: Direction, _ duration: Duration) {
        status?.show(status: "")
        line(direction == .up ? "applied" : "reverted", .green, file.name, duration.brief)
    }

    /// Takes the line of the file in hand away, also after a failure.
    func rest() {
        status?.show(status: "")
    }

    private func painted(_ word: String, _ color: Color) -> String {
        hasColors ? "\u{1B}[\(color.rawValue)m\(word)\u{1B}[0m" : word
    }
}

extension Duration {
    /// `12 ms`, `3.4 s`, `2 min 5 s`.
    var brief: String {
        let milliseconds = max(0, microseconds / 1000)
        switch milliseconds {
        case ..<1000: return "\(milliseconds) ms"
        case ..<60_000: return "\(milliseconds / 1000).\(milliseconds / 100 % 10) s"
        default: return "\(milliseconds / 60_000) min \(milliseconds / 1000 % 60) s"
        }
    }
}

/// `1 file`, `2 files`.
func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
}
