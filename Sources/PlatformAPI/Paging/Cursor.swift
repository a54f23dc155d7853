import CygniAccess
import CygniModel
import FoundationEssentials

/// Where a page of a list ended: the time and the id of its last row. To the client an opaque text, with a code that binds
/// it to the tenant, the list and its filter.
struct Cursor: Hashable, Sendable {
    /// To the microsecond: rows of one transaction share it, so the id decides between them.
    var time: Timestamp
    var id: String

    private static let version = "1"

    /// - Parameter scope: what the cursor belongs to: operation, tenant, filter.
    func text(_ secret: ServerSecret, _ scope: [String]) -> String {
        let keys = "\(time.microseconds).\(id)"
        let code = secret.code(.cursor, [Self.version, keys] + scope)
        return Base64URL.encode(code.prefix(16) + Array(keys.utf8))
    }

    /// - Throws: ``Problem`` of kind `invalid-cursor` for anything but what ``text(_:_:)`` gave for the same scope.
    init(reading text: String, _ secret: ServerSecret, _ scope: [String]) throws {
        let refusal = Problem(
            .invalidCursor,
            faults: [.init("query/cursor", "must be next_cursor of this list, with the same filter")]
        )
        guard text.utf8.count < 200, let bytes = Base64URL.decode(exactly: text), bytes.count > 16 else {
            throw refusal
        }
        let keys = String(decoding: bytes.dropFirst(16), as: UTF8.self)
        let expected = secret.code(.cursor, [Self.version, keys] + scope).prefix(16)
        // Both are 16 bytes; every one is looked at.
        let difference = zip(expected, bytes.prefix(16)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        let parts = keys.split(separator: ".", maxSplits: 1)
        guard difference == 0, parts.count == 2, let microseconds = Int64(parts[0]) else { throw refusal }
        (time, id) = (Timestamp(microseconds: microseconds), String(parts[1]))
    }

    init(time: Timestamp, id: String) { (self.time, self.id) = (time, id) }
}
