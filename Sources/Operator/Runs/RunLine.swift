import CygniModel
import CygniPostgres

/// One run, or one slot that none came for, as a list shows it.
struct RunLine: Sendable {
    let job: String
    let state: String
    let slot: Timestamp?
    let trigger: String
    let host: String
    let startedAt: Timestamp?
    let finishedAt: Timestamp?
    let exitStatus: Int?
    let error: String?

    init(_ row: Row) throws {
        job = try row.get("job")
        state = try row.get("state")
        slot = try row.get("slot", as: Timestamp?.self)
        trigger = try row.get("trigger")
        host = try row.get("host")
        startedAt = try row.get("started_at", as: Timestamp?.self)
        finishedAt = try row.get("finished_at", as: Timestamp?.self)
        exitStatus = try row.get("exit_status", as: Int32?.self).map { Int($0) }
        error = try row.get("error", as: String?.self)
    }

    init(neverStarted job: String, _ slot: Timestamp) {
        (self.job, self.slot, state) = (job, slot, "never started")
        (trigger, host, startedAt, finishedAt, exitStatus, error) = ("", "", nil, nil, nil, nil)
    }

    var json: JSONValue {
        .object([
            ("job", .string(job)), ("state", .string(state)), ("slot", .optional(slot?.rfc3339)),
            ("trigger", .string(trigger)), ("host", .string(host)), ("started_at", .optional(startedAt?.rfc3339)),
            ("finished_at", .optional(finishedAt?.rfc3339)),
            ("exit_status", exitStatus.map { .integer($0) } ?? .null), ("error", .optional(error)),
        ])
    }

    static func table(_ lines: [RunLine], _ style: TextStyle) -> String {
        guard !lines.isEmpty else { return "no run is on record\n" }
        var table = TextTable(["job", "state", "slot, UTC", "started, UTC", "took", "by", "host", "error"])
        for line in lines {
            table.add([
                line.job, line.state == "never started" ? "expected, never started" : line.state,
                line.slot.map(minute) ?? "", line.startedAt.map(second) ?? "",
                line.startedAt.flatMap { start in line.finishedAt.map { ($0 - start).brief } } ?? "", line.trigger,
                line.host, line.error.map { String($0.prefix { !$0.isNewline }) } ?? "",
            ])
        }
        return table.text(indent: 0, width: style.width) { $0 }
    }

    private static func minute(_ time: Timestamp) -> String { clock(time, 16) }
    private static func second(_ time: Timestamp) -> String { clock(time, 19) }

    private static func clock(_ time: Timestamp, _ length: Int) -> String {
        String(time.rfc3339.prefix(length).replacing("T", with: " "))
    }
}
