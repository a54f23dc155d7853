import CygniArchive
import CygniModel
import FoundationEssentials

/// Reads log lines, a JSON object each (`application/x-ndjson`).
struct LogLineReader: Sendable {
    let bounds: IngestBounds
    /// Of lines that do not say theirs.
    let project: UUID?
    let deployment: UUID?

    private enum Member: UInt8, CaseIterable {
        case time, project, deployment, level, message, fields

        init?(_ name: UnsafeRawBufferPointer) {
            guard let member = Self.allCases.first(where: { name.elementsEqual($0.name.utf8) }) else { return nil }
            self = member
        }

        var name: String {
            switch self {
            case .time: "ts"
            case .project: "project_id"
            case .deployment: "deployment_id"
            case .level: "level"
            case .message: "message"
            case .fields: "fields"
            }
        }

        var bit: UInt8 { 1 << rawValue }
    }

    private static let members = Member.allCases.map(\.name).joined(separator: ", ")

    /// Of a line. The reader holds it against this as it goes, since there may be a hundred thousand a second.
    static let shape = Schema.object([
        .init("ts", .time, "When it was written; the server's now if not given.", optional: true),
        .init("project_id", .uuid, "Whose it is; the parameter project if not given.", optional: true),
        .init("deployment_id", .nullable(.uuid), "A deployment of that project.", optional: true),
        .init("level", .text(1...IngestBounds.level), "32 bytes at most; info if not given.", optional: true),
        .init("message", .text(0...IngestBounds.message), "65,536 bytes at most.", optional: true),
        .init("fields", .map(.any), "The same.", optional: true),
    ])

    /// - Throws: ``Problem`` that names the lines that are wrong; empty ones are passed over.
    func read(_ bytes: UnsafeRawBufferPointer) throws -> IngestRows {
        var rows = IngestRows(.logs)
        var faults = IngestFaults()
        var place = 0
        LineSplitter.forEach(bytes) { line in
            defer { place += 1 }
            guard !faults.isFull, line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) else { return }
            guard rows.count < IngestBounds.rows else {
                return faults.add(
                    "/\(place)",
                    "line \(place + 1): a request may have \(IngestBounds.rows) lines at most"
                )
            }
            read(line, place, into: &rows, &faults)
        }
        try faults.raise()
        return rows
    }

    private func read(
        _ line: UnsafeRawBufferPointer,
        _ place: Int,
        into rows: inout IngestRows,
        _ faults: inout IngestFaults
    ) {
        guard JSONCheck.isObject(line, .jsonb) else {
            let rule =
                JSONCheck.isObject(line)
                ? "must hold no U+0000, no half of a surrogate pair and no number beyond a double"
                : "must be one JSON object in UTF-8 (RFC 8259)"
            return faults.add("/\(place)", "line \(place + 1): \(rule)")
        }
        var draft = Draft(project: project, deployment: deployment, time: bounds.now + .microseconds(rows.count))
        var wrong: [(String, String)] = []
        LineFields(line).forEach { name, value in
            guard let member = Member(name) else {
                wrong.append(("", "has a member that is not one here: there are \(Self.members)"))
                return true
            }
            let isFirst = draft.given & member.bit == 0
            draft.given |= member.bit
            let rule = isFirst ? take(member, value, into: &draft) : "is given twice"
            if let rule { wrong.append(("/\(member.name)", rule)) }
            return true
        }
        if draft.project == nil, !wrong.contains(where: { $0.0 == "/project_id" }) {
            wrong.append(("/project_id", "is required, here or as the parameter project"))
        }
        guard wrong.isEmpty, let project = draft.project else {
            for (member, rule) in wrong { faults.add("/\(place)\(member)", "line \(place + 1): \(rule)") }
            return
        }
        let line = LogLine(
            project: project,
            deployment: draft.deployment,
            level: draft.level,
            message: draft.message,
            fields: draft.fields
        )
        rows.add(line: line, at: draft.time)
    }

    private struct Draft {
        /// A bit for each member that was given.
        var given: UInt8 = 0
        var project: UUID?
        var deployment: UUID?
        /// Lines of one request without a time keep their order.
        var time: Timestamp
        var level = Array("info".utf8)
        var message: [UInt8] = []
        var fields = Array("{}".utf8)
    }

    /// - Returns: the rule that it breaks; nil: none.
    private func take(_ member: Member, _ value: UnsafeRawBufferPointer, into draft: inout Draft) -> String? {
        let isText = value.first == UInt8(ascii: "\"")
        switch member {
        case .time:
            guard isText, value.count > 2,
                let time = Timestamp(parsing: UnsafeRawBufferPointer(rebasing: value[1..<value.count - 1])),
                value.contains(where: { $0 | 0x20 == 0x74 })
            else { return "must be a time such as 2026-11-22T03:17:00Z (RFC 3339)" }
            if let rule = bounds.broken(by: time) { return rule }
            draft.time = time
        case .message:
            guard isText else { return "must be a string" }
            draft.message = JSONString.bytes(of: value)
            guard draft.message.count <= IngestBounds.message else {
                return "must have at most \(IngestBounds.message) bytes"
            }
        case .level:
            guard isText else { return "must be a string" }
            draft.level = JSONString.bytes(of: value)
            guard (1...IngestBounds.level).contains(draft.level.count),
                draft.level.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
            else { return "must have 1 to \(IngestBounds.level) bytes, none of them a control character" }
        case .fields:
            guard value.first == UInt8(ascii: "{") else { return "must be an object" }
            guard value.count <= IngestBounds.fields else { return "must have at most \(IngestBounds.fields) bytes" }
            draft.fields = Array(value)
        case .project:
            guard isText, let id = Self.uuid(value) else { return "must be a UUID" }
            draft.project = id
        case .deployment:
            if value.elementsEqual("null".utf8) {
                draft.deployment = nil
                return nil
            }
            guard isText, let id = Self.uuid(value) else { return "must be a UUID or null" }
            draft.deployment = id
        }
        return nil
    }

    /// The bytes of 36 characters, as `UUID(uuidString:)` would read them for ten times the price.
    private static func uuid(_ value: UnsafeRawBufferPointer) -> UUID? {
        guard value.count == 38 else { return nil }
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isGood = withUnsafeMutableBytes(of: &bytes) { bytes in
            var place = 0
            for index in 1...36 {
                let byte = value[index]
                if index == 9 || index == 14 || index == 19 || index == 24 {
                    guard byte == UInt8(ascii: "-") else { return false }
                    continue
                }
                let digit: UInt8
                switch byte {
                case 48...57: digit = byte - 48
                case 65...70: digit = byte - 55
                case 97...102: digit = byte - 87
                default: return false
                }
                bytes[place / 2] = bytes[place / 2] << 4 | digit
                place += 1
            }
            return true
        }
        return isGood ? UUID(uuid: bytes) : nil
    }
}
