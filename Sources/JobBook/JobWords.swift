/// How a job is started.
package enum JobWords {
    /// - Parameter job: `metrics-rollup`.
    package static func of(_ job: String) -> [String] {
        switch job {
        // The migrator's work is one of its subcommands.
        case "migrate": ["cygni-migrate", "up"]
        case "reclaim": ["cygni", "reclaim"]
        default: ["cygni-\(job)"]
        }
    }

    /// The job that a command line starts, wherever its executable is; nil: none of ours.
    package static func job(in line: [String]) -> String? {
        let names = line.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        for (index, name) in names.enumerated() {
            if name.hasPrefix("cygni-") { return String(name.dropFirst("cygni-".count)) }
            if name == "cygni", index + 1 < names.count, of(names[index + 1]) == [name, names[index + 1]] {
                return names[index + 1]
            }
        }
        return nil
    }
}
