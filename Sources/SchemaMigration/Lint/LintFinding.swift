/// One thing that a rule found.
package struct LintFinding: Hashable, Sendable {
    package var file: String
    package var line: Int
    /// `up`, `down`, or `header` for a comment before the first marker.
    package var section: String
    package var code: String
    package var title: String
    package var why: String
    /// SQL, of one or several lines.
    package var instead: String

    /// - Parameter names: what the rule's braces stand for in this statement.
    init(_ code: String, file: String, line: Int, section: String, names: [String: String]) {
        self.file = file
        self.line = line
        self.section = section
        self.code = code
        let rule = LintRule.byCode[code]
        title = rule?.title ?? code
        why = Self.fill(rule?.why ?? "", names)
        instead = Self.fill(rule?.instead ?? "", names)
    }

    private static func fill(_ text: String, _ names: [String: String]) -> String {
        // In one pass: a name's own braces stay as they are.
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let key = rest[rest.index(after: open)..<close]
            result += names[String(key)] ?? "<\(key)>"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    static func comesBefore(_ left: LintFinding, _ right: LintFinding) -> Bool {
        (left.file, left.line, left.code, left.instead) < (right.file, right.line, right.code, right.instead)
    }
}
