package import CygniModel
import FoundationEssentials

/// What a CA says is wrong (RFC 7807; RFC 8555, section 6.7), kept word for word.
package struct ACMEProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Without `urn:ietf:params:acme:error:`; an unknown one stays a whole URN.
    package let type: String
    package let detail: String
    package let status: Int
    /// Of single identifiers (RFC 8555, section 6.7.1).
    package let parts: [Part]
    /// The document as it came.
    package let text: String

    package struct Part: Hashable, Sendable {
        package let identifier: String?
        package let type: String
        package let detail: String
    }

    private static let prefix = "urn:ietf:params:acme:error:"

    struct Document: Codable {
        var type: String?
        var detail: String?
        var status: Int?
        var identifier: ACMEIdentifier?
        var subproblems: [Document]?
    }

    init(_ document: Document, text: String, status: Int = 0) {
        type = Self.short(document.type)
        detail = document.detail ?? ""
        self.status = document.status ?? status
        parts = (document.subproblems ?? []).map {
            Part(identifier: $0.identifier?.value, type: Self.short($0.type), detail: $0.detail ?? "")
        }
        self.text = text
    }

    package init(type: String, detail: String, status: Int = 0) {
        (self.type, self.detail, self.status, parts) = (type, detail, status, [])
        text = JSONValue.object([("type", .string(Self.prefix + type)), ("detail", .string(detail))]).text
    }

    /// A document that came inside of another one.
    init(_ document: Document) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) }
        self.init(document, text: text ?? document.detail ?? "")
    }

    /// When the CA would be asked again, where it says so in words: `retry after 2026-11-24 09:00:00 UTC`.
    package var retryAt: Timestamp? {
        guard let start = detail.firstRange(of: "retry after ")?.upperBound else { return nil }
        let words = detail[start...].split(separator: " ").prefix(3)
        guard words.count == 3, words[2].hasPrefix("UTC") else { return nil }
        return Timestamp(parsing: "\(words[0])T\(words[1])Z")
    }

    /// A limit of names and not of the account: others may be asked for all the same.
    package var isLimitOfNames: Bool {
        type == "rateLimited"
            && ["certificates (", "failed authorizations", "failed validations"].contains { detail.contains($0) }
    }

    private static func short(_ type: String?) -> String {
        guard let type else { return "about:blank" }
        return type.hasPrefix(prefix) ? String(type.dropFirst(prefix.count)) : type
    }

    package var description: String {
        let more = parts.map { part in part.identifier.map { "\($0): \(part.detail)" } ?? part.detail }
        return "\(detail)\(more.isEmpty ? "" : " (\(more.joined(separator: "; ")))") (\(type))"
    }

    /// The bytes of a problem document; nil when they are none.
    static func parse(_ bytes: [UInt8], status: Int) -> ACMEProblem? {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)),
            document.type != nil || document.detail != nil
        else { return nil }
        return ACMEProblem(document, text: String(decoding: bytes, as: UTF8.self), status: status)
    }
}
