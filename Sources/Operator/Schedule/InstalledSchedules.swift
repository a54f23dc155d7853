import CygniModel
import JobBook

/// What a host would start, as its crontabs and timers say, and how that differs from the jobs' files.
struct InstalledSchedules: Sendable {
    /// A line of a crontab that starts a job of ours.
    struct Line: Hashable, Sendable {
        let place: String
        let fields: String
        let job: String
    }

    /// A unit file and what it holds.
    struct UnitFile: Hashable, Sendable {
        let place: String
        let name: String
        let text: String
    }

    var lines: [Line] = []
    var units: [UnitFile] = []

    /// Adds the lines of a crontab that start one of our executables; a user's name after the fields is allowed.
    mutating func add(crontab text: String, at place: String) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let count = first.hasPrefix("@") ? 1 : 5
            guard let job = JobWords.job(in: words.dropFirst(count).map(String.init)) else { continue }
            let fields = words.prefix(count).joined(separator: " ")
            lines.append(Line(place: "\(place):\(index + 1)", fields: fields, job: job))
        }
    }

    /// Every difference, in words that name the place and the way out; none where all is as it should be.
    func differences(from jobs: [ScheduledJob], units expected: [SystemdUnits.Unit]) -> [String] {
        var found: [String] = []
        for job in jobs {
            let mine = lines.filter { $0.job == job.name }
            let timer = units.first { $0.name == "\(job.unit).timer" }
            found += mine.filter { $0.fields != job.schedule.text }.map {
                "\($0.place): starts \(job.name) at '\($0.fields)', its file says '\(job.schedule.text)'"
            }
            if mine.count + (timer == nil ? 0 : 1) > 1 {
                let places = mine.map(\.place) + (timer.map { [$0.place] } ?? [])
                found.append("\(job.name) is started more than once: by \(places.joined(separator: ", "))")
            }
            if mine.isEmpty, timer == nil {
                found.append("nothing here starts \(job.name), which is due at '\(job.schedule.text)' \(job.zone)")
            }
            if timer != nil { found += stale(units: expected.filter { $0.name.hasPrefix("\(job.unit).") }) }
        }
        let known = Set(jobs.map(\.name))
        found += lines.filter { !known.contains($0.job) }.map { "\($0.place): starts \($0.job), which has no schedule" }
        found += units.filter { unit in !expected.contains { $0.name == unit.name } }.map {
            "\($0.place): is the unit of a job that has no schedule"
        }
        return found
    }

    private func stale(units expected: [SystemdUnits.Unit]) -> [String] {
        expected.compactMap { unit in
            guard let file = units.first(where: { $0.name == unit.name }) else { return "\(unit.name) is missing" }
            return file.text == unit.text ? nil : "\(file.place): differs from what the job's file gives"
        }
    }
}
