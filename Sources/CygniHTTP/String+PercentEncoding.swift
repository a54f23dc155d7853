extension String {
    /// Everything but unreserved characters as %XX (RFC 3986, section 2.1), so that a name stays one path segment.
    package var percentEncoded: String {
        var text = ""
        for byte in utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                text.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text == "." || text == ".." ? text.replacing(".", with: "%2E") : text
    }
}
