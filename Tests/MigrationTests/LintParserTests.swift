import CygniTestSupport
import FoundationEssentials
import Testing

@testable import SchemaMigration

/// The parser beside PostgreSQL's own, which PyPI has as pglast.
@Suite struct LintParserTests {
    @Test func agreesWithPostgresOnEveryStatement() async throws {
        let files = try LintCase.all().map(\.file) + PlatformMigrations.load().files
        let statements = files.flatMap { $0.up.statements + ($0.down?.statements ?? []) }
        let python = ProcessInfo.processInfo.environment["CYGNI_PYTHON"] ?? "python3"
        let result = try await BuiltExecutable(path: "/usr/bin/env").run(
            [python, "\(LintCase.fixtures)/statements.py"],
            input: String(decoding: try JSONEncoder().encode(statements.map(\.text)), as: UTF8.self)
        )
        try #require(result.status == 0, "\(result.standardError)")
        let expected = result.standardOutput.split(separator: "\n")
        try #require(expected.count == statements.count)
        for (statement, line) in zip(statements, expected) {
            let parsed = StatementParser.parse(statement).description.split(separator: " ").joined(separator: " ")
            #expect(parsed == line, "\(statement.text)")
        }
    }

    /// The server judges SQL, the linter only must come to its end with it.
    @Test func takesStatementsThatStopAnywhere() throws {
        let statements = try LintCase.all().flatMap { $0.file.up.statements }
        for statement in statements {
            let utf8 = Array(statement.text.utf8)
            for piece in SQLPiece.pieces(of: statement.text) {
                let text = String(decoding: utf8[..<piece.range.upperBound], as: UTF8.self)
                let cut = SQLStatement(text: text, line: 1, words: statement.words)
                _ = StatementParser.parse(cut)
                guard let file = try? LintCase.migration("-- migrate:up transaction:false\n\(text);\n\(text)") else {
                    continue
                }
                _ = Linter.findings(in: [file])
            }
        }
    }
}

extension ParsedStatement: CustomStringConvertible {
    /// As Fixtures/statements.py puts it.
    public var description: String {
        let list = { (names: [QualifiedName]) in names.map(\.dotted).joined(separator: " ") }
        let concurrently = { (value: Bool) in value ? "concurrently" : "" }
        return switch self {
        case .createTable(let t): "CreateStmt \(t.name.dotted) (\(t.columns.map(\.name).joined(separator: ",")))"
        case .createTableAs(let name): "CreateTableAsStmt \(name.dotted)"
        case .createIndex(let i): "IndexStmt \(i.table.dotted) \(concurrently(i.isConcurrent))"
        case .alterTable(let t, let actions):
            "AlterTableStmt \(t.dotted) (\(actions.map(\.description).joined(separator: ",")))"
        case .renameTable(let t, let new): "RenameTable \(t.dotted) \(new)"
        case .renameColumn(let t, let old, let new): "RenameColumn \(t.dotted) \(old) \(new)"
        case .setSchema(let t, let schema): "SetSchema \(t.dotted) \(schema)"
        case .addEnumValue(let t, let value): "AlterEnumStmt \(t.dotted) \(value.filter { $0 != "'" })"
        case .drop(let d):
            "DropStmt \(["SCHEMA", "TYPE", "DOMAIN"].contains(d.kind) ? "" : list(d.names)) "
                + "\(concurrently(d.isConcurrent)) \(d.isCascade ? "cascade" : "")"
        case .reindex(_, let name, let isConcurrent): "ReindexStmt \(name?.dotted ?? "") \(concurrently(isConcurrent))"
        case .truncate(let names, _): "TruncateStmt \(list(names))"
        case .vacuum(let names, _): "VacuumStmt \(list(names))"
        case .cluster(let name): "ClusterStmt \(name?.dotted ?? "")"
        case .lock(let names, _): "LockStmt \(list(names))"
        case .refresh(let name, let isConcurrent): "RefreshMatViewStmt \(name.dotted) \(concurrently(isConcurrent))"
        case .update(let t, let hasCondition): "UpdateStmt \(t.dotted) \(hasCondition ? "where" : "")"
        case .delete(let t, let hasCondition): "DeleteStmt \(t.dotted) \(hasCondition ? "where" : "")"
        case .insert(let t, _): "InsertStmt \(t.dotted)"
        case .set(let name, _): "VariableSetStmt \(name)"
        case .createTrigger(let name, let t): "CreateTrigStmt \(name) \(t.dotted)"
        case .comment: "CommentStmt"
        case .other: "-"
        }
    }
}

extension QualifiedName {
    fileprivate var dotted: String { parts.joined(separator: ".") }
}

extension TableAction: CustomStringConvertible {
    public var description: String {
        switch self {
        case .addColumn(let column, _): "add \(column.name)"
        case .addConstraint(let constraint): constraint.name.map { "constraint \($0)" } ?? "constraint"
        case .validateConstraint(let name): "validate \(name)"
        case .dropColumn(let name, _, _): "drop \(name)"
        case .dropConstraint(let name, _): "drop-constraint \(name)"
        case .setNotNull(let name): "not-null \(name)"
        case .changeType(let name, _, _): "type \(name)"
        case .changeStorage: "storage"
        case .disableTrigger: "disable-trigger"
        case .disableRowSecurity: "disable-rls"
        case .detachPartition: "detach"
        case .other: "-"
        }
    }
}
