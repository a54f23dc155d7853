import CygniModel

/// Which rows of a table go, as SQL. The plan counts by it and the deed deletes by it.
struct RowPredicate: Sendable {
    let time: String
    let isDue: String
    let notHeld: String

    /// - Parameter exceptions: ids of tenants who have a policy of their own.
    init(_ table: RetentionFacts.RowTable, _ due: RetentionFacts.RowTable.Due, exceptions: [String]) {
        time = quoted(table.timeColumn)
        var parts = ["\(time) < '\(due.before)'"]
        let column = table.tenantColumn.map { "\(quoted($0))::text" }
        if let column {
            if let tenant = due.tenant {
                parts.append("\(column) = '\(tenant)'")
            } else if !exceptions.isEmpty {
                let list = exceptions.map { "'\($0)'" }.joined(separator: ", ")
                parts.append("(\(column) NOT IN (\(list)) OR \(column) IS NULL)")
            }
        }
        isDue = parts.joined(separator: " AND ")
        notHeld = Self.notHeld(table.holds, time, column)
    }

    /// Rows under none of the holds; a table that does not say whose its rows are is under every one.
    static func notHeld(_ holds: [RetentionFacts.RowTable.Hold], _ time: String, _ tenant: String?) -> String {
        guard !holds.isEmpty else { return "true" }
        let conditions = holds.map { hold -> String in
            var parts: [String] = []
            if let id = hold.tenant, let tenant { parts.append("\(tenant) = '\(id)'") }
            if let start = hold.start { parts.append("\(time) >= '\(start)'") }
            if let end = hold.end { parts.append("\(time) < '\(end)'") }
            return parts.isEmpty ? "true" : "(\(parts.joined(separator: " AND ")))"
        }
        return "(\(conditions.joined(separator: " OR "))) IS NOT TRUE"
    }
}
