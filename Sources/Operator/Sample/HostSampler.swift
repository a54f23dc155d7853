import CygniLog
import CygniModel
import CygniPostgres
import FoundationEssentials

/// Samples this machine for a few seconds into tenant `this-machine`, project `host`.
struct HostSampler: Sendable {
    static let tenant = "this-machine"
    static let project = "host"

    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Takes a reading each second; one metric's value needs two.
    ///
    /// - Returns: how many samples were stored, and of how many metrics.
    func run(seconds: Int, progress: (Int) -> Void) async throws -> (samples: Int, metrics: Int) {
        var times: [Timestamp] = []
        var names: [String] = []
        var values: [Double] = []
        var earlier = Self.read()
        var earlierAt = ContinuousClock.now
        for second in 1...seconds {
            if StopRequest.signal != nil { break }
            try await Task.sleep(until: earlierAt + .seconds(1), clock: .continuous)
            let reading = Self.read()
            let at = ContinuousClock.now
            let time = Timestamp.wallClock()
            for (name, value) in reading.metrics(since: earlier, seconds: (at - earlierAt).inSeconds) {
                times.append(time)
                names.append(name)
                values.append(value)
            }
            (earlier, earlierAt) = (reading, at)
            progress(second)
        }
        guard let first = times.first, let last = times.last else { return (0, 0) }
        return (try await store(times, names, values, first.date, last.date), Set(names).count)
    }

    private func store(
        _ times: [Timestamp],
        _ names: [String],
        _ values: [Double],
        _ firstDay: CivilDate,
        _ lastDay: CivilDate
    ) async throws -> Int {
        let statements = StatementFile("sample_data", PackageResources.sample_data_sql)
        let table = ImportTable.samples.rawValue
        return try await connection.transaction { session in
            try session.query(ImportTable.statements["ensure_partitions"], table, firstDay, lastDay)
            let place = try session.query(statements["host_place"])[0]
            let tenant: UUID = try place.get("tenant_id")
            let project: UUID = try place.get("project_id")
            return try session.query(statements["host_samples"], tenant, project, times, names, values).affected
        }
    }

    private static func read() -> ProcReading {
        var texts: [String: String] = [:]
        for file in ProcReading.files {
            texts[file] = try? String(contentsOf: URL(filePath: "/proc/\(file)"), encoding: .utf8)
        }
        return ProcReading(texts) { name in
            !name.hasPrefix("loop") && !name.hasPrefix("ram")
                && FileManager.default.fileExists(atPath: "/sys/block/\(name)")
        }
    }
}
