import CygniModel
import FoundationEssentials

/// A JSON value that came with a request.
enum JSONInput: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONInput])
    case object([String: JSONInput])

    /// - Throws: `DecodingError` for what is no JSON.
    init(parsing text: String) throws {
        self = try JSONDecoder().decode(JSONInput.self, from: Data(text.utf8))
    }

    subscript(name: String) -> JSONInput? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var int: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    var flag: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    var items: [JSONInput]? {
        guard case .array(let items) = self else { return nil }
        return items
    }
}

extension JSONInput: Decodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: Name.self) {
            var object: [String: JSONInput] = [:]
            for name in members.allKeys { object[name.stringValue] = try members.decode(JSONInput.self, forKey: name) }
            self = .object(object)
            return
        }
        if var list = try? decoder.unkeyedContainer() {
            var items: [JSONInput] = []
            while !list.isAtEnd { items.append(try list.decode(JSONInput.self)) }
            self = .array(items)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else {
            self = .string(try value.decode(String.self))
        }
    }
}
