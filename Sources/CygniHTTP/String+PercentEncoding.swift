extension String {
    /// Everything but unreserved characters as %XX (RFC 3986, section 2.1), so that a name stays one path segment.
    package var percentEncoded: String {
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                bytes += "%\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text == "." || text == ".." ? text.replacing(".", with: "%2E") : text
    }
}
