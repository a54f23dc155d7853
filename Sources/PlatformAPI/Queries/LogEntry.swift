import Crypto
import CygniArchive
import CygniModel
import CygniPostgres
import FoundationEssentials

/// One log line on its way out, from the database or from an archive: the same either way.
struct LogEntry: Hashable, Sendable {
    let place: LogPlace
    let project: String
    let deployment: String?
    let level: String
    let message: String
    /// JSON.
    let fields: String

    /// A row of the statement `recent`.
    init(_ row: Row) throws {
        place = LogPlace(time: try row.get("ts"), digest: try row.get("digest"))
        project = try row.get("project_id")
        deployment = try row.get("deployment_id")
        level = try row.get("level")
        message = try row.get("message")
        fields = try row.get("fields")
    }

    /// A line of an archive of `log_lines`.
    ///
    /// - Returns: nil when it has no time that can be read.
    init?(archived line: UnsafeRawBufferPointer) {
        let members = LineFields(line)
        guard let time = members.text("ts").flatMap({ Timestamp(parsing: $0) }) else { return nil }
        func string(_ name: String) -> String {
            members.value(name).map { String(decoding: JSONString.bytes(of: $0), as: UTF8.self) } ?? ""
        }
        project = members.text("project_id") ?? ""
        deployment = members.text("deployment_id")
        level = string("level")
        message = string("message")
        fields = members.value("fields").map { String(decoding: $0, as: UTF8.self) } ?? "null"
        // The lengths tell where a part ends, whatever stands in it.
        let parts = [
            "\(level.utf8.count)", "\(message.utf8.count)", project, deployment ?? "", level, message, fields,
        ].joined(separator: "\u{1}")
        // No secret is kept by it: it only orders lines of one microsecond.
        let digest = Insecure.MD5.hash(data: Data(parts.utf8))
        place = LogPlace(time: time, digest: digest.hex)
    }

    var json: JSONValue {
        .object([
            ("ts", .string("\(place.time)")), ("project_id", .string(project)),
            ("deployment_id", .optional(deployment)),
            ("level", .string(level)), ("message", .string(message)), ("fields", .raw(fields)),
        ])
    }
}

/// Where a line stands among a tenant's: by its time, and within a microsecond by its digest. Equal lines have equal places.
struct LogPlace: Hashable, Comparable, Sendable {
    let time: Timestamp
    /// In hexadecimal.
    let digest: String

    static func < (left: LogPlace, right: LogPlace) -> Bool {
        (left.time, left.digest) < (right.time, right.digest)
    }
}

/// What lines are asked for.
struct LogFilter: Hashable, Sendable {
    var project: String?
    var deployment: String?
    var level: String?
    var text: String?

    func matches(_ entry: LogEntry) -> Bool {
        project.map { entry.project == $0 } ?? true && deployment.map { entry.deployment == $0 } ?? true
            && level.map { entry.level == $0 } ?? true
            && text.map { text in Self.holds(entry.message, text) || Self.holds(entry.fields, text) } ?? true
    }

    /// The text when JSON spells it as it is, so that a line with it has these very bytes.
    var plainText: String? {
        text.flatMap { text in
            let isPlain = text.utf8.allSatisfy { byte in
                (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                    && byte != UInt8(ascii: "/")
            }
            return isPlain ? text : nil
        }
    }

    /// Byte by byte, as `strpos` compares.
    private static func holds(_ whole: String, _ part: String) -> Bool {
        Array(whole.utf8).withUnsafeBytes { $0.contains(Array(part.utf8)) }
    }
}
