/// Writes what `explain` prints about the keys of one file.
struct KeyExplanation {
    private let document: ConfigDocument

    init(_ document: ConfigDocument) {
        self.document = document
    }

    /// The file, then each key with the first sentence of its documentation.
    var overview: String {
        "\(document.file): \(document.doc)\n\n" + table(of: document.keys.filter { !$0.isSection })
    }

    /// One key, or one section with its keys.
    func text(of key: KeyDescription) -> String {
        var text = "\(document.fullPath(of: key)): \(key.type)\n\n"
        text += Self.wrapped(key.doc, width: 78).map { "  \($0)\n" }.joined()
        text += "\n" + facts(of: key).map { "  \(Self.padded($0, to: 10))\($1)\n" }.joined()
        if key.isSection {
            text += "\n" + table(of: document.keys.filter { !$0.isSection && $0.path.hasPrefix("\(key.path).") })
        }
        return text
    }

    private func facts(of key: KeyDescription) -> [(String, String)] {
        var facts: [(String, String)] = []
        if key.isRequired, !key.isSection { facts.append(("required", "yes")) }
        if key.isSecret { facts.append(("secret", "yes: the file holds a reference, and only that is ever printed")) }
        if let text = key.defaultText {
            facts.append(("default", text))
        } else if !key.isRequired {
            facts.append(("default", "none, it may be left out"))
        }
        if let example = key.example ?? key.defaultText { facts.append(("example", "\(key.key): \(example)")) }
        return facts + [("file", document.file)]
    }

    private func table(of keys: [KeyDescription]) -> String {
        let width = (keys.map(\.path.count).max() ?? 0) + 2
        return keys.map { key in
            let value = key.isRequired ? " (required)" : key.defaultText.map { " (default \($0))" } ?? ""
            return "  \(Self.padded(key.path, to: width))\(Self.firstClause(of: key.doc))\(value)\n"
        }.joined()
    }

    /// A documentation up to its first `.`, `;` or `:`, but not up to the one in `file:///path`.
    private static func firstClause(of doc: String) -> String {
        var clause = ""
        for word in doc.split(separator: " ") {
            clause += clause.isEmpty ? word : " \(word)"
            if let last = word.last, ".;:".contains(last) { return String(clause.dropLast()) }
        }
        return clause
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
