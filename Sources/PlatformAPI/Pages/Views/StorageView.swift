import CygniModel
import CygniPostgres

/// The page about storage, as its template shows it.
struct StorageView: Sendable {
    let tables: [Table]
    let archives: [Archives]
    let drill: Drill?
    let debts: [Debt]
    let plans: [Plan]
    let quarantined: [Quarantined]
    let purges: [Purge]
    let holds: [Hold]

    var title: String {
        let behind = debts.count(where: \.isBehind)
        let waiting = plans.count
        if behind + waiting == 0 { return "Storage" }
        return behind > 0 ? "\(behind) policies behind" : "\(waiting) purge plans waiting"
    }

    struct Table: Sendable {
        let tableName: String
        let days: String
        let bytes: String
        let oldest: TimeView?
        let unarchived: String
        let unarchivedBytes: String?
        let oldestUnarchived: TimeView?
        let isOfLogs: Bool

        init(_ row: Row, _ now: Timestamp) throws {
            tableName = try row.get("source")
            days = try row.get("days", as: Int.self).grouped
            bytes = ByteCount(try row.get("bytes", as: Int64.self)).rounded
            oldest = TimeView(try row.get("oldest", as: Timestamp?.self), now: now)
            let count = try row.get("unarchived", as: Int.self)
            unarchived = count.grouped
            unarchivedBytes = count == 0 ? nil : ByteCount(try row.get("unarchived_bytes", as: Int64.self)).rounded
            oldestUnarchived = TimeView(try row.get("oldest_unarchived", as: Timestamp?.self), now: now)
            isOfLogs = tableName == "log_lines"
        }
    }

    struct Archives: Sendable {
        let archiveSource: String
        let objects: String
        let archivedRows: String
        let storedBytes: String
        let rawBytes: String
        let ratio: String?
        let unverified: String?
        let sealed: String
        let newest: TimeView?

        init(_ row: Row, _ now: Timestamp) throws {
            archiveSource = try row.get("source")
            objects = try row.get("objects", as: Int.self).grouped
            archivedRows = try row.get("rows", as: Int.self).grouped
            let (stored, raw) = (try row.get("bytes", as: Int64.self), try row.get("raw_bytes", as: Int64.self))
            storedBytes = ByteCount(stored).rounded
            rawBytes = ByteCount(raw).rounded
            let tenths = stored > 0 ? Int(Double(raw) / Double(stored) * 10) : 0
            ratio = tenths > 0 ? "\(tenths / 10).\(tenths % 10)×" : nil
            let open = try row.get("unverified", as: Int.self)
            unverified = open > 0 ? open.grouped : nil
            sealed = try row.get("sealed", as: Int.self).grouped
            newest = TimeView(try row.get("newest", as: Timestamp?.self), now: now)
        }
    }

    struct Drill: Sendable {
        let drilled: TimeView
        let drillError: String?

        init(_ row: Row, _ now: Timestamp) throws {
            drilled = TimeView(try row.get("at", as: Timestamp.self), now: now)
            drillError = try row.get("error", as: String?.self)
        }
    }

    struct Debt: Sendable {
        let policy: String
        let state: StateView
        let overdue: String?
        let oldestKept: TimeView?
        let drained: TimeView?
        let measured: TimeView
        let isBehind: Bool

        init(_ row: Row, _ now: Timestamp) throws {
            policy = try row.get("policy")
            let seconds = Int64(try row.get("overdue_seconds", as: Double.self))
            isBehind = seconds > 0
            state = isBehind ? StateView("behind", .warn) : StateView("on time", .good)
            overdue = isBehind ? TimeView.words(seconds) : nil
            oldestKept = TimeView(try row.get("oldest", as: Timestamp?.self), now: now)
            drained = TimeView(try row.get("drained_at", as: Timestamp?.self), now: now)
            measured = TimeView(try row.get("at", as: Timestamp.self), now: now)
        }
    }

    struct Plan: Sendable {
        let planHash: String
        let planReason: String
        let planItems: String
        let stopped: TimeView
        let planRunHref: String
        let approval: String

        init(_ row: Row, _ now: Timestamp) throws {
            let hash = try row.get("hash", as: String.self)
            planHash = String(hash.prefix(12))
            planReason = try row.get("reason")
            planItems = Int(try row.get("items", as: Int32.self)).grouped
            stopped = TimeView(try row.get("created_at", as: Timestamp.self), now: now)
            planRunHref = "/runs/\(try row.get("run_id", as: String.self))"
            approval = "cygni-retention-purge --approve \(hash)"
        }
    }

    struct Quarantined: Sendable {
        let partition: String
        let weapon: String
        let size: String
        let detached: TimeView
        let drops: TimeView
        let obstacle: String?

        init(_ row: Row, _ now: Timestamp) throws {
            partition = try row.get("partition")
            weapon = try row.get("weapon")
            size = ByteCount(try row.get("bytes", as: Int64.self)).rounded
            detached = TimeView(try row.get("detached_at", as: Timestamp.self), now: now)
            drops = TimeView(try row.get("drop_after", as: Timestamp.self), now: now)
            obstacle = try row.get("obstacle", as: String?.self)
        }
    }

    struct Purge: Sendable {
        let purgePolicy: String
        let purgeSource: String
        let purgedItems: String
        let purgedRows: String
        let purgedBytes: String
        let lastPurge: TimeView?

        init(_ row: Row, _ now: Timestamp) throws {
            purgePolicy = try row.get("policy", as: String?.self) ?? "–"
            purgeSource = try row.get("source")
            purgedItems = try row.get("items", as: Int.self).grouped
            purgedRows = try row.get("rows", as: Int.self).grouped
            purgedBytes = try row.get("bytes", as: Int64?.self).map { ByteCount($0).rounded } ?? "–"
            lastPurge = TimeView(try row.get("newest", as: Timestamp?.self), now: now)
        }
    }

    struct Hold: Sendable {
        let holdTenant: String
        let holdSource: String
        let holdSpan: String
        let holdReason: String
        let placedBy: String
        let placed: TimeView
        let holdEnds: TimeView?

        init(_ row: Row, _ now: Timestamp) throws {
            holdTenant = try row.get("tenant", as: String?.self) ?? "all tenants"
            holdSource = try row.get("source", as: String?.self) ?? "everything"
            let from = try row.get("starts_at", as: Timestamp?.self).map { String($0.rfc3339.prefix(10)) }
            let to = try row.get("ends_at", as: Timestamp?.self).map { String($0.rfc3339.prefix(10)) }
            holdSpan = from == nil && to == nil ? "all of its time" : "\(from ?? "the beginning") to \(to ?? "the end")"
            holdReason = try row.get("reason")
            placedBy = try row.get("created_by")
            placed = TimeView(try row.get("created_at", as: Timestamp.self), now: now)
            holdEnds = TimeView(try row.get("expires_at", as: Timestamp?.self), now: now)
        }
    }
}
