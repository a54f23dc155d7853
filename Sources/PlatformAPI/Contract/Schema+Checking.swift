import CygniModel
import FoundationEssentials

extension Schema {
    /// Holds a value against the shape; what is wrong is added to `faults`, a place and its rule each.
    ///
    /// - Parameter place: of the value, a JSON Pointer or the name of a parameter.
    func check(_ value: JSONInput, at place: String, into faults: inout [Problem.Fault]) {
        func fault(_ rule: String) { faults.append(Problem.Fault(place, rule)) }
        switch (self, value) {
        case (.any, _): return
        case (.named(_, let schema), _): schema.check(value, at: place, into: &faults)
        case (.nullable, .null): return
        case (.nullable(let schema), _): schema.check(value, at: place, into: &faults)
        case (.string(let rule), .string(let text)):
            if let broken = rule.broken(by: text) { fault(broken) }
        case (.integer(let range), .integer(let number)):
            if !range.contains(number) { fault("must be from \(range.lowerBound) to \(range.upperBound)") }
        case (.number, .number), (.number, .integer), (.boolean, .bool): return
        case (.array(let item, let count), .array(let items)):
            guard count.contains(items.count) else {
                return fault("must have from \(count.lowerBound) to \(count.upperBound) items")
            }
            for (index, element) in items.enumerated() { item.check(element, at: "\(place)/\(index)", into: &faults) }
        case (.object(let members), .object(let given)):
            for member in members {
                let inner = "\(place)/\(Self.escaped(member.name))"
                if let value = given[member.name] {
                    member.schema.check(value, at: inner, into: &faults)
                } else if member.isRequired {
                    faults.append(Problem.Fault(inner, "is required"))
                }
            }
            let known = Set(members.map(\.name))
            for name in given.keys.sorted() where !known.contains(name) {
                let names = members.map(\.name).joined(separator: ", ")
                faults.append(Problem.Fault("\(place)/\(Self.escaped(name))", "is no member here: there are \(names)"))
            }
        case (.map(let schema), .object(let given)):
            for (name, value) in given.sorted(by: { $0.key < $1.key }) {
                schema.check(value, at: "\(place)/\(Self.escaped(name))", into: &faults)
            }
        default: fault("must be \(typeName)")
        }
    }

    /// RFC 6901, 3.
    private static func escaped(_ name: String) -> String {
        name.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    private var typeName: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "an array"
        case .object, .map: "an object"
        case .any: "anything"
        case .nullable(let schema): "\(schema.typeName) or null"
        case .named(_, let schema): schema.typeName
        }
    }

    /// A parameter's text as the value that the shape wants; nil: it cannot be.
    func value(of text: String) -> JSONInput? {
        switch self {
        case .integer: text.hasPrefix("+") ? nil : Int(text).map(JSONInput.integer)
        case .boolean: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
        case .number: Double(text).flatMap { $0.isFinite ? .number($0) : nil }
        case .named(_, let schema), .nullable(let schema): schema.value(of: text)
        default: .string(text)
        }
    }
}

extension Schema.Text {
    /// The rule that a text breaks, in words; nil: none.
    func broken(by text: String) -> String? {
        // PostgreSQL's text has no place for it.
        if text.unicodeScalars.contains("\0") { return "must not hold the character U+0000" }
        switch format {
        case .uuid:
            return UUID(uuidString: text) == nil || text.utf8.count != 36 ? "must be a UUID" : nil
        case .time:
            return Timestamp(parsing: text) == nil || !text.contains(where: { "Tt".contains($0) })
                ? "must be a time such as 2026-11-22T03:17:00Z (RFC 3339)" : nil
        case .uri, .none: break
        }
        if let choices { return choices.contains(text) ? nil : "must be one of \(choices.joined(separator: ", "))" }
        guard length.contains(text.unicodeScalars.count) else {
            return "must have from \(length.lowerBound) to \(length.upperBound) characters"
        }
        if let pattern {
            guard let expression = try? Regex("(?:\(pattern))"), (try? expression.wholeMatch(in: text)) != nil else {
                return "must look like ^\(pattern)$"
            }
        }
        return nil
    }
}
