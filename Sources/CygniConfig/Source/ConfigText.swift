import Glibc

/// The text of a configuration file, checked to be something a YAML parser can read.
enum ConfigText {
    /// No configuration that a person keeps is larger; anything more is a wrong file.
    static let maximumBytes = 1 << 18

    /// A rule that the file as a whole breaks.
    struct Fault: Error {
        var place = Place.start
        let rule: String
        let found: String
    }

    static func read(_ file: String) throws(Fault) -> String {
        try decode(bytes(of: file, limit: maximumBytes))
    }

    /// Reads a file of at most `limit` bytes; a pipe will do.
    static func bytes(of file: String, limit: Int) throws(Fault) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw unreadable(errno)
            }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw Fault(rule: "must be at most \(limit) bytes long", found: "more")
            }
        }
    }

    private static func unreadable(_ code: Int32) -> Fault {
        Fault(rule: "must be a readable file: \(String(cString: strerror(code)).lowercased())", found: "nothing")
    }

    /// Checks for UTF-8 and for the characters that YAML allows; a byte order mark is dropped.
    static func decode(_ bytes: [UInt8]) throws(Fault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let valid = validPrefix(bytes)
            let place = place(after: String(decoding: bytes[..<valid], as: UTF8.self).unicodeScalars)
            throw Fault(place: place, rule: "must be UTF-8 text", found: "byte 0x" + hexadecimal(UInt32(bytes[valid])))
        }
        let scalars = text.unicodeScalars
        let content = scalars.first == "\u{FEFF}" ? scalars.dropFirst() : scalars[...]
        if let bad = content.firstIndex(where: { !isAllowed($0) }) {
            let place = place(after: content[..<bad])
            let found = "character U+" + hexadecimal(content[bad].value, width: 4)
            throw Fault(place: place, rule: "must be text without control characters", found: found)
        }
        return String(content)
    }

    /// How many leading bytes are whole UTF-8 characters.
    private static func validPrefix(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var length = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            length += UTF8.width(scalar)
        }
        return length
    }

    private static func place(after scalars: some Sequence<Unicode.Scalar>) -> Place {
        var place = Place.start
        var previous: Unicode.Scalar?
        for scalar in scalars {
            if isLineBreak(scalar) {
                // CR LF is one break.
                if !(scalar == "\n" && previous == "\r") { place = Place(line: place.line + 1, column: 1) }
            } else {
                place.column += 1
            }
            previous = scalar
        }
        return place
    }

    /// The breaks that libyaml counts lines by.
    static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    /// The printable characters of YAML 1.2, section 5.1.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
            true
        default: false
        }
    }

    private static func hexadecimal(_ number: UInt32, width: Int = 2) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
