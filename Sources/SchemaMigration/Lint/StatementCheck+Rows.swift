extension StatementCheck {
    /// Statements over a table's rows or storage, and settings.
    mutating func checkRows(_ parsed: ParsedStatement) {
        switch parsed {
        case .truncate(let tables, let isCascade):
            for table in tables where !context.isNew(table) { hit("truncate-table", ["table": table.sql]) }
            if isCascade { hit("drop-cascade", ["statement": withoutLastWord]) }
        case .vacuum(let tables, true):
            for table in tables.isEmpty ? [nil] : tables.map(Optional.some) {
                hit("vacuum-full", ["table": table?.sql ?? ""])
            }
        case .cluster(let table): hit("vacuum-full", ["table": table?.sql ?? ""])
        case .lock(let tables, let mode):
            for table in tables where !context.isNew(table) && mode != "ACCESS SHARE" && mode != "ROW SHARE" {
                hit("lock-table", ["table": table.sql, "mode": mode])
            }
        case .refresh(let view, false) where !context.isNew(view):
            hit("refresh-view-blocking", ["table": view.sql])
        case .update(let table, let hasCondition), .delete(let table, let hasCondition):
            guard !context.isNew(table) else { return }
            if !hasCondition { hit("change-all-rows", ["table": table.sql, "condition": condition(parsed)]) }
            checkBackfill(table)
        case .insert(let table, fromQuery: true): checkBackfill(table)
        case .set("lock_timeout", let value) where Self.isLong(value):
            let endless = ["default": "as long as the server's default says", "0": "ever"]
            hit("lock-timeout-disabled", ["value": endless[value] ?? value])
        default: break
        }
    }

    /// Rows written while another statement's lock keeps readers out.
    mutating func checkBackfill(_ table: QualifiedName) {
        guard context.isTransactional, let locked = context.locked else { return }
        hit("backfill-with-ddl", ["table": table.sql, "locked": locked.table.sql])
    }

    private var withoutLastWord: String {
        let end = SQLPiece.pieces(of: statement.text).dropLast().last?.range.upperBound ?? 0
        return String(decoding: Array(statement.text.utf8)[..<end], as: UTF8.self)
    }

    private func condition(_ parsed: ParsedStatement) -> String {
        if case .delete = parsed { return "true" }
        return "<not yet done>"
    }

    /// None, or more than ten seconds. PostgreSQL's unit is the millisecond.
    private static func isLong(_ value: String) -> Bool {
        guard value != "default" else { return true }
        let digits = value.prefix { $0.isNumber }
        guard let number = Int(digits) else { return false }
        let unit = value.dropFirst(digits.count).filter { !$0.isWhitespace }
        let milliseconds =
            ["": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000][String(unit)] ?? 1
        return number == 0 || number > 10_000 / milliseconds
    }
}
