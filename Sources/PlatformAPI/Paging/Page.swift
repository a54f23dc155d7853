import CygniAccess
import CygniHTTP
import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// One page of a list, newest first.
struct Page: Sendable {
    let limit: Int
    let cursor: Cursor?
    private let scope: [String]

    static let parameters = parameters(most: 100, usual: 20)

    static func parameters(most: Int, usual: Int) -> [APIOperation.Parameter] {
        [
            .init("limit", .query, .integer(1...most), "How many at most; \(usual) if not given."),
            .init("cursor", .query, .text(1...200), "next_cursor of the page before."),
        ]
    }

    /// - Throws: ``Problem`` of kind `invalid-cursor`.
    init(_ call: Call, usual: Int = 20) throws {
        limit = call.arguments.query["limit"]?.int ?? usual
        let filter = call.arguments.query.filter { $0.key != "limit" && $0.key != "cursor" }
            .sorted { $0.key < $1.key }.flatMap { [$0.key, "\($0.value)"] }
        let scope = [call.operation.id, call.principal?.tenant?.uuidString ?? ""] + filter
        self.scope = scope
        cursor = try call.arguments.text("cursor").map { try Cursor(reading: $0, call.server.secret, scope) }
    }

    /// What the statement compares with: every row of the first page is before it.
    var before: Timestamp { cursor?.time ?? Self.end }
    var beforeID: String { cursor?.id ?? Self.lastID }
    /// The end of the year 9999.
    static let end = Timestamp(microseconds: 253_402_300_799_000_000)
    static let lastID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
    /// One more than is shown tells whether there is another page.
    var fetched: Int { limit + 1 }

    /// The page as JSON, with a link to the next one (RFC 8288).
    func reply(_ items: [(JSONValue, Cursor)], _ call: Call) -> Reply {
        let shown = items.prefix(limit)
        return reply(shown.map(\.0), next: items.count > limit ? shown.last?.1 : nil, call)
    }

    /// The same where the next page begins somewhere else than behind the last item.
    func reply(_ items: [JSONValue], next: Cursor?, _ call: Call) -> Reply {
        var members: [(name: String, value: JSONValue)] = [("items", .array(items))]
        guard let last = next?.text(call.server.secret, scope) else {
            members.append(("next_cursor", .null))
            return .json(.object(members))
        }
        members.append(("next_cursor", .string(last)))
        var query = call.arguments.query
        query["cursor"] = .string(last)
        let text = query.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.spelled($0.value))" }.joined(separator: "&")
        return .json(.object(members), headers: [.link: "<\(call.operation.path)?\(text)>; rel=\"next\""])
    }

    /// A list's answer.
    static func schema(of item: Schema, most: Int = 100) -> Schema {
        .object([
            .init("items", .array(item, count: 0...most), "Newest first."),
            .init("next_cursor", .nullable(.text(1...200)), "For the next page; null: this is the last."),
        ])
    }

    private static func spelled(_ value: JSONInput) -> String {
        let text =
            switch value {
            case .string(let text): text
            case .integer(let number): "\(number)"
            case .bool(let flag): "\(flag)"
            default: ""
            }
        return text.percentEncoded
    }
}
