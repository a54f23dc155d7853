/// What Linux tells of a machine under /proc at one moment; see proc(5).
struct ProcReading: Sendable, Equatable {
    /// Ticks of all processors so far.
    struct Ticks: Sendable, Equatable {
        var idle = 0
        var waiting = 0
        var all = 0
    }

    /// Bytes so far, of a disk or a network interface.
    struct Traffic: Sendable, Equatable {
        /// Read, or received.
        var taken = 0
        /// Written, or sent.
        var given = 0
    }

    var ticks = Ticks()
    /// Kibibytes by name, as /proc/meminfo has them.
    var memory: [String: Int] = [:]
    var load: [Double] = []
    var disks: [String: Traffic] = [:]
    var interfaces: [String: Traffic] = [:]

    /// The files that a reading is made of.
    static let files = ["stat", "meminfo", "loadavg", "diskstats", "net/dev"]

    /// - Parameters:
    ///   - texts: the contents by file; one that is missing is left out.
    ///   - isDisk: tells a whole disk from a partition.
    init(_ texts: [String: String], isDisk: (String) -> Bool) {
        for line in texts["stat", default: ""].split(separator: "\n") where line.hasPrefix("cpu ") {
            let numbers = line.split(separator: " ").dropFirst().compactMap { Int($0) }
            guard numbers.count >= 5 else { continue }
            // Guests' time, the ninth and tenth, is in the first two already.
            ticks = Ticks(idle: numbers[3], waiting: numbers[4], all: numbers.prefix(8).reduce(0, +))
        }
        for line in texts["meminfo", default: ""].split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
            if words.count >= 2 { memory[String(words[0])] = Int(words[1]) }
        }
        load = texts["loadavg", default: ""].split(separator: " ").prefix(3).compactMap { Double($0) }
        for line in texts["diskstats", default: ""].split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 10, isDisk(String(words[2])), let read = Int(words[5]), let written = Int(words[9])
            else {
                continue
            }
            // A sector is 512 bytes here, whatever the disk's own is.
            disks[String(words[2])] = Traffic(taken: read * 512, given: written * 512)
        }
        for line in texts["net/dev", default: ""].split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].drop { $0 == " " }
            let numbers = line[colon...].dropFirst().split(separator: " ").compactMap { Int($0) }
            guard name != "lo", numbers.count >= 9 else { continue }
            interfaces[String(name)] = Traffic(taken: numbers[0], given: numbers[8])
        }
    }

    /// The metrics of the time since an earlier reading, by name.
    func metrics(since earlier: ProcReading, seconds: Double) -> [String: Double] {
        var metrics: [String: Double] = [:]
        let passed = ticks.all - earlier.ticks.all
        if passed > 0 {
            let idle = ticks.idle - earlier.ticks.idle
            let waiting = ticks.waiting - earlier.ticks.waiting
            metrics["cpu_percent"] = 100 * Double(passed - idle - waiting) / Double(passed)
            metrics["cpu_iowait_percent"] = 100 * Double(waiting) / Double(passed)
        }
        if let total = memory["MemTotal"], let available = memory["MemAvailable"] {
            metrics["memory_used_bytes"] = Double((total - available) * 1024)
            metrics["memory_available_bytes"] = Double(available * 1024)
        }
        if let total = memory["SwapTotal"], let free = memory["SwapFree"] {
            metrics["swap_used_bytes"] = Double((total - free) * 1024)
        }
        for (name, value) in zip(["load_1m", "load_5m", "load_15m"], load) { metrics[name] = value }
        guard seconds > 0 else { return metrics }
        for (name, now) in disks {
            guard let then = earlier.disks[name] else { continue }
            metrics["disk_read_bytes_per_second{device=\"\(name)\"}"] = Double(now.taken - then.taken) / seconds
            metrics["disk_written_bytes_per_second{device=\"\(name)\"}"] = Double(now.given - then.given) / seconds
        }
        for (name, now) in interfaces {
            guard let then = earlier.interfaces[name] else { continue }
            metrics["network_received_bytes_per_second{interface=\"\(name)\"}"] =
                Double(now.taken - then.taken) / seconds
            metrics["network_sent_bytes_per_second{interface=\"\(name)\"}"] = Double(now.given - then.given) / seconds
        }
        return metrics
    }
}
