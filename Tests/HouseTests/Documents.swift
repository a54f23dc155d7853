import Foundation

/// What the documents promise about the rest of the checkout.
enum Documents {
    /// The documents, as paths from the root.
    static func all() throws -> [String] {
        let decisions = try FileManager.default.contentsOfDirectory(
            atPath: Checkout.root.appending(path: "docs/decisions").path
        )
        return ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/ci.md", "docs/lint.md"]
            + decisions.filter { $0.hasSuffix(".md") }.sorted().map { "docs/decisions/\($0)" }
    }

    /// The files that the links of a document name, as paths from the root; addresses and anchors left out.
    static func linkedFiles(in document: String, lines: [String]) -> [String] {
        let folder = document.split(separator: "/").dropLast().joined(separator: "/")
        return lines.flatMap { line in
            line.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/).map { String($0.1) }
        }
        .filter { !$0.contains("://") }
        .map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }

    /// The codes in the first column of the README's table of exit statuses.
    static func exitCodes(in lines: [String]) -> [Int32] {
        lines.drop { $0 != "## Exit status" }.prefix { $0 != "## At three in the morning" }
            .compactMap { $0.firstMatch(of: /^\| (\d+) \|/).flatMap { Int32($0.1) } }
    }
}
