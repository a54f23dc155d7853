/// Columns of text under their headings.
struct TextTable {
    private let headings: [String]
    private let rightAligned: Set<Int>
    private var rows: [[String]] = []

    init(_ headings: [String], rightAligned: Set<Int> = []) {
        self.headings = headings
        self.rightAligned = rightAligned
    }

    /// Adds a row; what could move the cursor is shown as `?`.
    mutating func add(_ row: [String]) {
        rows.append(
            row.map { cell in
                String(cell.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
            }
        )
    }

    /// The columns that cells need side by side, with two blanks between them.
    static func width(of rows: [[String]], headings: [String]) -> Int {
        widths(rows, headings).reduce(0, +) + 2 * (headings.count - 1)
    }

    private static func widths(_ rows: [[String]], _ headings: [String]) -> [Int] {
        headings.indices.map { column in
            max(headings[column].count, rows.map { $0[column].count }.max() ?? 0)
        }
    }

    /// - Parameter heading: decorates the first line.
    func text(indent: Int, width: Int, heading: (String) -> String) -> String {
        let widths = Self.widths(rows, headings)
        let lines = ([headings] + rows).map { row in
            var line = String(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() {
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                line += rightAligned.contains(column) ? blanks + cell : cell + blanks
                if column < row.count - 1 { line += "  " }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return String(line.prefix(max(20, width)))
        }
        return heading(lines[0]) + "\n" + lines.dropFirst().map { $0 + "\n" }.joined()
    }

    /// A text within a width; what is cut off shows as an ellipsis.
    static func cut(_ text: String, _ width: Int, unicode: Bool) -> String {
        guard text.count > width else { return text }
        let ellipsis = unicode ? "…" : "..."
        return text.prefix(max(0, width - ellipsis.count)) + ellipsis
    }

    /// A text after its label, broken at blanks; later lines stand under the first.
    static func wrapped(_ label: String, _ text: String, width: Int) -> String {
        let indent = min(label.count, 6)
        var lines = [label]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + word.count + 1 > width, lines[lines.count - 1].count > indent {
                lines.append(String(repeating: " ", count: indent))
            }
            if let last = lines[lines.count - 1].last, last != " " { lines[lines.count - 1] += " " }
            lines[lines.count - 1] += word
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
