import CygniModel
import CygniPostgres

/// One run, with what it left behind.
struct RunView: Sendable {
    struct Fact: Sendable {
        let factName: String
        let factValue: String
    }

    let runID: String
    let jobName: String
    let jobHref: String
    let state: StateView
    let started: TimeView
    let finished: TimeView?
    let slot: TimeView?
    let took: String
    let facts: [Fact]
    let counts: [Fact]
    let runError: String?
    let advice: String?
    let seenBy: String?
    let seenWhy: String?
    let seenAt: TimeView?
    let mayAcknowledge: Bool
    let report: String?
    let isRunning: Bool
    let logLines: [LogLineView]
    /// Where the live log begins; nil: there is none.
    let liveHref: String?
    let notice: String?

    init(_ row: Row, log: String, piece: Int, mayWrite: Bool, notice: String?, now: Timestamp) throws {
        runID = try row.get("id")
        jobName = try row.get("job")
        jobHref = "/jobs/\(jobName)"
        let word = try row.get("state", as: String.self)
        let acknowledgedAt = try row.get("acknowledged_at", as: Timestamp?.self)
        state = StateView.ofRun(word, isAcknowledged: acknowledgedAt != nil)
        let startedAt = try row.get("started_at", as: Timestamp.self)
        let finishedAt = try row.get("finished_at", as: Timestamp?.self)
        started = TimeView(startedAt, now: now)
        finished = TimeView(finishedAt, now: now)
        slot = TimeView(try row.get("slot", as: Timestamp?.self), now: now)
        took = TimeView.length(((finishedAt ?? now) - startedAt).inSeconds)
        let status = try row.get("exit_status", as: Int32?.self)
        facts = [
            ("Started by", try row.get("trigger", as: String.self)), ("Host", try row.get("host", as: String.self)),
            ("Process", try row.get("pid", as: Int32?.self).map { "\($0)" } ?? ""),
            ("Fence", "\(try row.get("fence", as: Int.self))"),
            ("Attempt", "\(try row.get("attempt", as: Int32.self))"),
            ("Exit status", status.map { "\($0)" } ?? ""), ("Version", try row.get("version", as: String.self)),
            ("Settings", String(try row.get("config_hash", as: String.self).prefix(12))),
        ].filter { !$0.1.isEmpty }.map(Fact.init)
        counts = try JSONInput(parsing: row.get("counts")).members.map { name, value in
            Fact(factName: name.replacing("_", with: " "), factValue: value.shown)
        }
        runError = try row.get("error", as: String?.self)
        isRunning = word == "running"
        advice = acknowledgedAt != nil ? nil : Self.advice(word, jobName)
        seenAt = TimeView(acknowledgedAt, now: now)
        seenBy = try row.get("acknowledged_by", as: String?.self)
        seenWhy = try row.get("acknowledged_why", as: String?.self).flatMap { $0.isEmpty ? nil : $0 }
        mayAcknowledge = mayWrite && acknowledgedAt == nil && word != "running" && word != "succeeded"
        report = try row.get("report", as: String?.self).map { try PrettyJSON.text(JSONInput(parsing: $0).json) }
        logLines = log.split(separator: "\n").map { LogLineView(String($0)) }
        liveHref = isRunning ? "/runs/\(runID)/log?after=\(piece)" : nil
        self.notice = notice
    }

    /// What an operator does about it, as `cygni why` says it.
    private static func advice(_ state: String, _ job: String) -> String? {
        switch state {
        case "failed", "timed_out": "Once the cause is gone, run \(job) again: here, or with cygni run \(job)."
        case "partial": "Some items did not come out well; the report names them. The next run takes them up again."
        case "lost": "It died without a word: look at the host's own log. cygni cycle runs its slot again."
        case "stopped": "Somebody or something stopped it. cygni cycle runs its slot again."
        default: nil
        }
    }
}

/// A line of a run's log.
struct LogLineView: Sendable {
    let clock: String
    let level: String
    let message: String
    let details: String?

    /// What is no JSON object is shown as it is.
    init(_ line: String) {
        guard let json = try? JSONInput(parsing: line), case .object = json else {
            (clock, level, message, details) = ("", "", line, nil)
            return
        }
        clock = json["time"]?.text.map { String($0.dropFirst(11).prefix(12)) } ?? ""
        level = json["level"]?.text ?? ""
        message = json["message"]?.text ?? ""
        let rest = json["metadata"]?.members.map { "\($0)=\($1.shown)" }.joined(separator: " ") ?? ""
        details = rest.isEmpty ? nil : rest
    }
}

extension JSONInput {
    /// An object's members, by name.
    var members: [(String, JSONInput)] {
        guard case .object(let members) = self else { return [] }
        return members.sorted { $0.key < $1.key }
    }

    /// For a person: a text without its quotes, a whole number in groups of three.
    var shown: String {
        switch self {
        case .string(let text): text
        case .integer(let number): number.grouped
        default: json.text
        }
    }
}

extension Int {
    /// 12,345.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return self < 0 ? "-\(text)" : text
    }
}
