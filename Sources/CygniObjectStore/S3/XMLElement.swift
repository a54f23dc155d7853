/// An element of an S3 answer: names without namespaces, text and children; attributes are passed over.
///
/// S3 answers with plain elements and text. A document type, which could define entities, is refused; so is what does not
/// nest, or nests deeply. docs/decisions/0010 tells why this is not FoundationXML.
struct XMLElement: Hashable {
    var name: String
    var text = ""
    var children: [XMLElement] = []

    /// The text of the first child of that name.
    subscript(name: String) -> String? {
        children.first { $0.name == name }?.text
    }

    func all(_ name: String) -> [XMLElement] {
        children.filter { $0.name == name }
    }

    /// The root element of a document; nil when it is no such document.
    init?(parsing bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var open: [XMLElement] = []
        var rest = text[...]
        while let bracket = rest.firstIndex(of: "<") {
            if !open.isEmpty {
                guard let text = Self.unescape(rest[..<bracket]) else { return nil }
                open[open.count - 1].text += text
            }
            rest = rest[bracket...]
            if rest.hasPrefix("<?") || rest.hasPrefix("<!--") {
                let end = rest.hasPrefix("<?") ? "?>" : "-->"
                guard let range = rest.firstRange(of: end) else { return nil }
                rest = rest[range.upperBound...]
                continue
            }
            guard !rest.hasPrefix("<!"), let end = rest.firstIndex(of: ">") else { return nil }
            var tag = rest[rest.index(after: bracket)..<end]
            rest = rest[rest.index(after: end)...]
            let isEnd = tag.first == "/"
            let isEmpty = tag.last == "/"
            tag = tag.drop { $0 == "/" }
            let name = String(tag.prefix { !$0.isWhitespace && $0 != "/" }.split(separator: ":").last ?? "")
            if !isEnd { open.append(XMLElement(name: name)) }
            guard isEnd || isEmpty else {
                if open.count > 32 { return nil }
                continue
            }
            guard let closed = open.popLast(), closed.name == name else { return nil }
            if open.isEmpty {
                self = closed
                return
            }
            open[open.count - 1].children.append(closed)
        }
        return nil
    }

    private init(name: String) {
        self.name = name
    }

    /// Replaces the five entities and character references (XML 1.0, 4.1, 4.6).
    private static func unescape(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return String(text) }
        var result = ""
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            guard let end = rest[start...].firstIndex(of: ";") else { return nil }
            let entity = rest[rest.index(after: start)..<end]
            switch entity {
            case "lt": result += "<"
            case "gt": result += ">"
            case "amp": result += "&"
            case "quot": result += "\""
            case "apos": result += "'"
            default:
                let isHex = entity.hasPrefix("#x")
                guard entity.hasPrefix("#"),
                    let number = UInt32(entity.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
                    let scalar = Unicode.Scalar(number)
                else { return nil }
                result.unicodeScalars.append(scalar)
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
