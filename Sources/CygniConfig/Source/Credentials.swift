/// Finds and hides passwords written into URLs and libpq connection strings.
///
/// Three spellings carry one: `scheme://user:PASSWORD@host`, `?password=PASSWORD` (and `sslpassword`) in a URL's query,
/// and `password=PASSWORD` in a connection string of keywords.
enum Credentials {
    /// Whether the file's own text spells a password.
    ///
    /// `${NAME}` counts as no text, `${NAME:-default}` counts as its default.
    static func isPasswordWritten(in raw: String) -> Bool {
        let scalars = Array(Interpolation.textWithoutEnvironment(raw).unicodeScalars)
        return passwordRanges(in: scalars).contains { range in
            scalars[range].contains { $0 != Interpolation.unknownText }
        }
    }

    /// The text with each password replaced by `***`.
    static func masked(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        let ranges = passwordRanges(in: scalars).filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        guard !ranges.isEmpty else { return text }
        var result = String.UnicodeScalarView()
        var position = 0
        for range in ranges where range.lowerBound >= position {
            result.append(contentsOf: scalars[position..<range.lowerBound])
            result.append(contentsOf: "***".unicodeScalars)
            position = range.upperBound
        }
        result.append(contentsOf: scalars[position...])
        return String(result)
    }

    private static func passwordRanges(in text: [Unicode.Scalar]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for index in text.indices where text[index...].starts(with: "://".unicodeScalars) {
            if let range = userinfoPassword(in: text, from: index + 3) { ranges.append(range) }
        }
        for index in text.indices where text[index] == "=" {
            if let range = assignedPassword(in: text, equals: index) { ranges.append(range) }
        }
        return ranges
    }

    /// The password between the first `:` and the `@` of an authority that starts at `start`.
    private static func userinfoPassword(in text: [Unicode.Scalar], from start: Int) -> Range<Int>? {
        let wordEnd = text[start...].firstIndex { $0.properties.isWhitespace } ?? text.endIndex
        let authorityEnd = text[start..<wordEnd].firstIndex { "/?#".unicodeScalars.contains($0) } ?? wordEnd
        guard let colon = text[start..<authorityEnd].firstIndex(of: ":") else { return nil }
        if let at = text[start..<authorityEnd].lastIndex(of: "@") {
            return colon < at ? colon + 1..<at : nil
        }
        // `host:5432/` has digits behind the colon. Anything else is a password with an unescaped `/`, `?` or `#`.
        let port = text[colon + 1..<authorityEnd]
        guard !port.allSatisfy({ ("0"..."9").contains($0) }), let at = text[colon..<wordEnd].lastIndex(of: "@") else {
            return nil
        }
        return colon + 1..<at
    }

    /// The value behind `password =` or `sslpassword=`, quoted or not.
    private static func assignedPassword(in text: [Unicode.Scalar], equals: Int) -> Range<Int>? {
        var nameEnd = equals
        while nameEnd > 0, text[nameEnd - 1].properties.isWhitespace { nameEnd -= 1 }
        var nameStart = nameEnd
        while nameStart > 0, text[nameStart - 1].properties.isAlphabetic { nameStart -= 1 }
        let name = String(String.UnicodeScalarView(text[nameStart..<nameEnd])).lowercased()
        guard name == "password" || name == "sslpassword" else { return nil }
        var start = equals + 1
        while start < text.count, text[start].properties.isWhitespace { start += 1 }
        guard start < text.count, text[start] == "'" else {
            let end = text[start...].firstIndex { $0.properties.isWhitespace || $0 == "&" || $0 == "#" }
            return start..<(end ?? text.endIndex)
        }
        var end = start + 1
        while end < text.count, text[end] != "'" { end += text[end] == "\\" ? 2 : 1 }
        return start + 1..<min(end, text.count)
    }
}
