import CygniJobs
import CygniModel
import CygniPostgres
import Glibc

/// Looks whether the server is hard pressed, and whether deleting still makes sense.
struct Pressure {
    let settings: PaceSettings
    /// Looks of the last second, and the one before them.
    private var looks: [(at: ContinuousClock.Instant, wal: Int)] = []

    init(settings: PaceSettings) { self.settings = settings }

    /// What was seen since the last look.
    ///
    /// - Throws: ``JobFailure`` when batches must stop: the disk is nearly full, or an old transaction keeps what they delete.
    mutating func look(took: Duration, _ context: JobContext) async throws -> BatchPacer.Signs {
        guard settings.isOn else { return BatchPacer.Signs(took: took) }
        try checkDisk()
        let clock = ContinuousClock()
        let commit = try await clock.measure {
            try await context.transaction { session in _ = try session.query(RetentionSteps.statements["probe"]) }
        }
        let (wal, lag, oldest) = try await context.read { session in
            let row = try session.query(RetentionSteps.statements["pressure"])[0]
            return (
                try row.get("wal", as: Int.self), try row.get("lag", as: Double.self),
                try row.get("oldest", as: Double.self)
            )
        }
        guard Duration.seconds(oldest) <= settings.oldTransaction else {
            throw JobFailure(
                """
                a transaction has been open for \(Duration.seconds(oldest).text), and what is deleted now could not be \
                vacuumed away; end it (pg_stat_activity), or raise pace.old_transaction
                """
            )
        }
        let rate = rate(wal, at: clock.now)
        return BatchPacer.Signs(took: took, lag: .seconds(lag), commit: commit, wal: rate)
    }

    /// Bytes a second over the last second, as one batch and its rest are shorter than that.
    private mutating func rate(_ wal: Int, at now: ContinuousClock.Instant) -> Double {
        looks.append((now, wal))
        while looks.count > 1, now - looks[1].at > .seconds(1) { looks.removeFirst() }
        return Double(wal - looks[0].wal) / max(1, (now - looks[0].at) / .seconds(1))
    }

    private func checkDisk() throws {
        guard let path = settings.diskPath else { return }
        var found = statvfs()
        guard statvfs(path, &found) == 0 else {
            throw JobFailure("failed to look at pace.disk_path '\(path)': \(String(cString: strerror(errno)))")
        }
        let free = UInt64(found.f_bavail) * UInt64(found.f_frsize)
        guard free >= UInt64(settings.minFree.bytes) else {
            throw JobFailure(
                "only \(ByteCount(Int64(free))) are free on the disk of '\(path)', and deleting writes before it frees; see pace.min_free"
            )
        }
    }
}
