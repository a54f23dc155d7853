package import CygniModel
import CygniPostgres

/// A session that another one waits for.
package struct LockBlocker: Hashable, Sendable {
    package var holder: LockHolder
    /// `active`, `idle in transaction`; empty for a prepared transaction.
    package var state: String
    /// When its transaction began.
    package var since: Timestamp?
    /// What is waited for; nil when it is no table.
    package var relation: String?
    package var mode: LockMode?

    init(_ row: Row) throws {
        holder = LockHolder(
            backend: Int(try row.get("pid", as: Int32.self)),
            application: try row.get("application"),
            login: try row.get("login")
        )
        state = try row.get("state")
        since = try row.get("since", as: Timestamp?.self)
        relation = try row.get("relation", as: String?.self)
        mode = LockMode(try row.get("mode", as: String.self))
    }
}

extension LockBlocker: CustomStringConvertible {
    package var description: String {
        let what = relation.map { "\(mode.map { "\($0.name) on " } ?? "")\($0) is kept by " } ?? ""
        guard holder.backend != 0 else { return "\(what)a prepared transaction (see pg_prepared_xacts)" }
        let time = since.map { " since \($0.rfc3339)" } ?? ""
        return "\(what)\(holder), \(state.isEmpty ? "in a transaction" : state)\(time)"
    }
}
