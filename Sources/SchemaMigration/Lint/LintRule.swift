/// What is known of a rule apart from how it is found; `SQL/lint.sql` has the words.
package struct LintRule: Sendable {
    /// Stable: people's ignore comments and dashboards name it.
    package var code: String
    package var title: String
    /// The lock that is taken, and for how long.
    var why: String
    /// The safe alternative in SQL, with names to fill in between braces.
    var instead: String
    /// A down section may do it: undoing is its purpose.
    var isOnlyForUp: Bool

    /// Every rule, in the order of the codes.
    package static let all: [LintRule] = parse(String(decoding: PackageResources.lint_sql, as: UTF8.self))

    static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

    private static func parse(_ text: String) -> [LintRule] {
        var rules: [LintRule] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let code = value("rule", line) {
                rules.append(LintRule(code: code, title: "", why: "", instead: "", isOnlyForUp: false))
                continue
            }
            guard let last = rules.indices.last else { continue }
            if let title = value("title", line) {
                rules[last].title = title
            } else if let why = value("why", line) {
                rules[last].why = why
            } else if line == "-- only: up" {
                rules[last].isOnlyForUp = true
            } else if !line.isEmpty {
                rules[last].instead += rules[last].instead.isEmpty ? line : "\n\(line)"
            }
        }
        return rules.sorted { $0.code < $1.code }
    }

    private static func value(_ key: String, _ line: Substring) -> String? {
        let prefix = "-- \(key): "
        return line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : nil
    }

    /// The rules as documents show them.
    package static var table: String {
        let width = all.map(\.code.count).max() ?? 0
        return all.map { rule in
            rule.code + String(repeating: " ", count: width - rule.code.count + 2) + rule.title
        }.joined(separator: "\n")
    }
}
