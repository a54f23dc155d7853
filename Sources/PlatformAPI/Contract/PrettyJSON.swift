import CygniModel

/// JSON with a member or an item a line, for files that people and diffs read.
enum PrettyJSON {
    static func text(_ value: JSONValue) -> String {
        var text = ""
        write(value, indent: "", to: &text)
        return text
    }

    private static func write(_ value: JSONValue, indent: String, to text: inout String) {
        let inner = indent + "  "
        switch value {
        case .object(let members) where !members.isEmpty:
            text += "{\n"
            for (index, member) in members.enumerated() {
                text += "\(inner)\(JSONValue.string(member.name).text): "
                write(member.value, indent: inner, to: &text)
                text += index + 1 < members.count ? ",\n" : "\n"
            }
            text += "\(indent)}"
        case .array(let items) where items.contains { if case .object = $0 { true } else { false } }:
            text += "[\n"
            for (index, item) in items.enumerated() {
                text += inner
                write(item, indent: inner, to: &text)
                text += index + 1 < items.count ? ",\n" : "\n"
            }
            text += "\(indent)]"
        default: text += value.text
        }
    }
}
