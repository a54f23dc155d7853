/// Finds what is dangerous in migrations: a pure function of their text.
package enum Linter {
    /// - Returns: the findings by file, line and code.
    package static func findings(in files: [MigrationFile]) -> [LintFinding] {
        // Files come in the order of their versions: a later one may widen what an earlier one made.
        var columnTypes: [QualifiedName: [String: ColumnType]] = [:]
        return files.flatMap { findings(in: $0, &columnTypes) }.sorted(by: LintFinding.comesBefore)
    }

    private static func findings(
        in file: MigrationFile,
        _ columnTypes: inout [QualifiedName: [String: ColumnType]]
    ) -> [LintFinding] {
        var sections: [(name: String, findings: [LintFinding], ignores: [LintIgnore], lines: [Int])] = []
        for (name, section) in [("up", file.up), ("down", file.down)] {
            guard let section else { continue }
            sections.append(
                (
                    name,
                    hits(section, isUp: name == "up", &columnTypes).map { line, hit in
                        LintFinding(hit.code, file: file.path, line: line, section: name, names: hit.names)
                    },
                    LintIgnore.all(in: section.text, firstLine: section.firstLine),
                    section.statements.map(\.line)
                )
            )
        }
        var result: [LintFinding] = []
        var header = IgnoreBook(header(of: file), file: file.path, section: "header", statementLines: nil)
        for section in sections {
            var book = IgnoreBook(
                section.ignores,
                file: file.path,
                section: section.name,
                statementLines: section.lines
            )
            result += section.findings.filter { !book.ignores($0) && !header.ignores($0) }
            result += book.findings
        }
        return result + header.findings
    }

    private static func header(of file: MigrationFile) -> [LintIgnore] {
        let text = String(decoding: file.bytes, as: UTF8.self)
        guard text.contains("lint:ignore") else { return [] }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.prefix(max(0, file.up.firstLine - 2)).enumerated().compactMap { LintIgnore($1, line: $0 + 1) }
    }

    /// Every statement in its turn, each knowing what those before it did.
    private static func hits(
        _ section: MigrationSection,
        isUp: Bool,
        _ columnTypes: inout [QualifiedName: [String: ColumnType]]
    ) -> [(line: Int, hit: LintHit)] {
        let statements = section.statements.map { (statement: $0, parsed: StatementParser.parse($0)) }
        var context = LintContext(
            isTransactional: section.isTransactional,
            needsRepeatableSteps: !section.isTransactional && section.statements.count > 1,
            keyedLater: statements.compactMap { $0.parsed.keyedTable },
            columnTypes: columnTypes
        )
        var result: [(line: Int, hit: LintHit)] = []
        for (statement, parsed) in statements {
            var check = StatementCheck(statement: statement, context: context)
            check.run(parsed)
            let hits = check.hits.filter { isUp || LintRule.byCode[$0.code]?.isOnlyForUp != true }
            result += hits.map { (statement.line, $0) }
            context = check.context
            context.note(parsed, statement)
        }
        if isUp { columnTypes = context.columnTypes }
        return result
    }
}

extension ParsedStatement {
    /// The table that an `ALTER TABLE` gives its primary key.
    fileprivate var keyedTable: QualifiedName? {
        guard case .alterTable(let table, let actions) = self else { return nil }
        let adds = actions.contains { action in
            if case .addConstraint(let constraint) = action { return constraint.kind == .primaryKey }
            return false
        }
        return adds ? table : nil
    }
}
