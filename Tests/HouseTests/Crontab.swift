/// The crontab that operators install, as far as it must agree with the rest of the checkout.
enum Crontab {
    struct Entry: Equatable {
        var line: Int
        var schedule: String
        var executable: String
        /// `cygni reclaim` runs the job `reclaim`.
        var subcommand: String?

        /// `cygni-metrics-rollup` runs the job `metrics-rollup`, whose settings are jobs/metrics-rollup.yaml.
        var job: String {
            executable.hasPrefix("cygni-") ? String(executable.dropFirst("cygni-".count)) : subcommand ?? executable
        }
    }

    struct Malformed: Error, Equatable {
        var line: Int
        var reason: String
    }

    /// Minute, hour, day of month, month, day of week: their ranges in crontab(5).
    private static let ranges = [0...59, 0...23, 1...31, 1...12, 0...7]

    static func entries(in lines: [String]) throws(Malformed) -> [Entry] {
        var entries: [Entry] = []
        for (index, text) in lines.enumerated() {
            let line = index + 1
            if text.isEmpty || text.hasPrefix("#") || text.firstMatch(of: /^[A-Z_]+=/) != nil { continue }
            let words = text.split(separator: " ")
            guard words.count > ranges.count else {
                throw Malformed(line: line, reason: "five fields and a command expected")
            }
            for (field, range) in zip(words, ranges) where !valid(field, in: range) {
                throw Malformed(
                    line: line,
                    reason: "'\(field)' is no field of \(range.lowerBound) to \(range.upperBound)"
                )
            }
            // An unescaped % ends the command in crontab(5).
            if text.contains("%") { throw Malformed(line: line, reason: "'%' means a new line to cron") }
            let executable = words[5].split(separator: "/").last.map(String.init) ?? ""
            var entry = Entry(line: line, schedule: words[..<5].joined(separator: " "), executable: executable)
            if executable == "cygni" { entry.subcommand = words.dropFirst(6).first.map(String.init) }
            entries.append(entry)
        }
        return entries
    }

    /// The top-level `schedule` of a job's file; nil when it has none or `null`.
    static func schedule(inJobFile lines: [String]) -> String? {
        let value = lines.lazy.compactMap { $0.wholeMatch(of: /schedule: "?([^"#]*?)"?\s*/).map { String($0.1) } }.first
        return value == "null" ? nil : value
    }

    private static func valid(_ field: Substring, in range: ClosedRange<Int>) -> Bool {
        field.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
            guard let match = part.wholeMatch(of: /(\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?/) else { return false }
            if let step = match.4 {
                guard let step = Int(step), step > 0, match.1 == "*" || match.3 != nil else { return false }
            }
            guard let low = match.2.flatMap({ Int($0) }) else { return match.1 == "*" }
            let high = match.3.flatMap { Int($0) } ?? low
            return range.contains(low) && range.contains(high) && low <= high
        }
    }
}
