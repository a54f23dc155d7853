import CygniCommand
import CygniJobs
import CygniModel

/// Tells what a rehearsal found, for a person and for the report.
struct RehearsalText: Sendable {
    let scene: MigrateScene
    let budgets: [LockBudget]

    /// - Returns: how many of the file's locks are over budget.
    func show(_ rehearsed: RehearsedFile) -> Int {
        let file = rehearsed.file
        scene.text.rest()
        scene.text.line("rehearsed", .green, file.name, file.up.isTransactional ? "" : "without a transaction")
        var excesses = 0
        for statement in rehearsed.statements {
            let place = "\(file.name):\(statement.statement.line)"
            scene.text.say(
                "    :\(statement.statement.line)  \(statement.statement.summary)  (\(statement.duration.brief))"
            )
            if !statement.isWatched {
                let words = "refuses a transaction, so what it locks could not be seen: the manual tells"
                scene.book.add(place, "run", .planned, reason: words)
                scene.text.say("            \(words)")
            } else if statement.locks.isEmpty {
                scene.book.add(place, "run", .planned, reason: "locks no table that is there")
            }
            for lock in statement.locks {
                let excess = lock.excess(over: budgets)
                if excess != nil { excesses += 1 }
                let words = words(for: lock)
                scene.book.add(
                    place,
                    "\(lock.mode.name) \(lock.relation)",
                    excess == nil ? .planned : .failed,
                    reason: words.joined(separator: "; ")
                )
                scene.text.line(
                    excess == nil ? "   lock" : "   OVER",
                    excess == nil ? .yellow : .red,
                    "\(lock.mode.name) on \(lock.relation)"
                )
                for line in words { scene.text.say("            \(line)") }
            }
        }
        return excesses
    }

    private func words(for lock: RehearsedLock) -> [String] {
        let work =
            switch lock.work {
            case .none: ""
            case .scan: ", every row is read"
            case .rewrite: ", the table is written anew"
            }
        var lines = ["held for about \(lock.expected.brief): \(lock.mode.consequence)\(work)"]
        guard let live = lock.live else { return lines }
        if lock.work != .none {
            lines.append("about \(live.rows) rows, \((live.totalBytes + 999_999) / 1_000_000) MB with its indexes")
        }
        if let limit = LockBudget.limit(for: lock.mode, in: budgets), lock.expected > limit {
            lines.append("over the budget of \(limit.text)")
        }
        return lines + live.users.map { "in its way right now: \($0.session) with \($0.mode.name)" }
    }
}
