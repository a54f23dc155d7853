import CygniModel
import CygniPostgres
import Synchronization

/// Which days take rows: those that have a partition, remembered for a while, and those that may get one.
final class DayBook: Sendable {
    private static let statements = ServerStatements.days
    private static let keptFor = Duration.seconds(60)

    private struct Key: Hashable {
        let table: IngestRows.Table
        /// Since 1970.
        let day: Int
    }

    private let open = Mutex<[Key: ContinuousClock.Instant]>([:])

    /// Makes sure that each day has its partition.
    ///
    /// - Parameter days: each with the first row of it, which a refusal names.
    /// - Throws: ``Problem`` of kind `conflict` for a day that is closed.
    func ensure(_ days: [Int: Int], of table: IngestRows.Table, _ database: ServerDatabase) async throws {
        let now = ContinuousClock.now
        let unknown = open.withLock { open in
            days.keys.filter { day in open[Key(table: table, day: day)].map { now - $0 > Self.keptFor } ?? true }
        }
        guard !unknown.isEmpty else { return }
        let closed = try await database.platform { session in
            var closed: [Int] = []
            for row in try session.query(Self.statements["days"], table.rawValue, unknown.sorted()) {
                let day = try row.get("number", as: Int.self)
                if try row.get("is_closed") {
                    closed.append(day)
                } else if try !row.get("is_there", as: Bool.self) {
                    try session.query(Self.statements["make_day"], table.rawValue, day)
                }
            }
            return closed
        }
        guard closed.isEmpty else { throw Self.refusal(closed, days, table) }
        open.withLock { open in
            open = open.filter { now - $0.value <= Self.keptFor }
            for day in unknown { open[Key(table: table, day: day)] = now }
        }
    }

    /// What is remembered of these days is not so any more.
    func forget(_ days: some Sequence<Int>, of table: IngestRows.Table) {
        open.withLock { open in
            for day in days { open[Key(table: table, day: day)] = nil }
        }
    }

    private static func refusal(_ closed: [Int], _ days: [Int: Int], _ table: IngestRows.Table) -> Problem {
        let what = table == .logs ? "log lines are in the archive alone" : "samples were rolled up and removed"
        let faults = closed.map { day in
            let date = Timestamp(seconds: Int64(day) * 86_400).description.prefix(10)
            let place = days[day] ?? 0
            return Problem.Fault(
                table == .logs ? "/\(place)/ts" : "/samples/\(place)/ts",
                "row \(place + 1) is of \(date), which is closed: its \(what)"
            )
        }
        return Problem(.conflict, "nothing of it was taken", faults: Array(faults.prefix(100)))
    }
}
