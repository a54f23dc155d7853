/// The top-level members of one JSON object in a line, looked up without building a tree.
package struct LineFields {
    private let line: UnsafeRawBufferPointer

    /// - Parameter line: valid JSON.
    package init(_ line: UnsafeRawBufferPointer) {
        self.line = line
    }

    /// The value of a member that is a string without escapes, as identifiers and times are.
    package func text(_ name: String) -> String? {
        guard let value = value(name), value.count >= 2, value[0] == UInt8(ascii: "\"") else { return nil }
        return String(decoding: value[1..<value.count - 1], as: UTF8.self)
    }

    /// The bytes of a member's value.
    package func value(_ name: String) -> UnsafeRawBufferPointer? {
        let wanted = Array(name.utf8)
        var found: UnsafeRawBufferPointer?
        forEach { name, value in
            guard name.elementsEqual(wanted) else { return true }
            found = value
            return false
        }
        return found
    }

    /// Hands out the members in their order, names as they are spelled and without their quotes, until `body` returns false.
    package func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool) {
        var index = skipBlanks(0)
        guard index < line.count, line[index] == UInt8(ascii: "{") else { return }
        index = skipBlanks(index + 1)
        while index < line.count, line[index] == UInt8(ascii: "\"") {
            let keyEnd = endOfString(index)
            let name = UnsafeRawBufferPointer(rebasing: line[index + 1..<max(index + 1, keyEnd - 1)])
            index = skipBlanks(skipBlanks(keyEnd) + 1)
            let end = endOfValue(index)
            guard body(name, UnsafeRawBufferPointer(rebasing: line[index..<end])) else { return }
            index = skipBlanks(end)
            guard index < line.count, line[index] == UInt8(ascii: ",") else { return }
            index = skipBlanks(index + 1)
        }
    }

    private func skipBlanks(_ start: Int) -> Int {
        var index = start
        while index < line.count {
            let byte = line[index]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d else { break }
            index += 1
        }
        return index
    }

    /// After the closing quote of the string that begins at `start`.
    private func endOfString(_ start: Int) -> Int {
        var index = start + 1
        while index < line.count, line[index] != UInt8(ascii: "\"") {
            index += line[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, line.count)
    }

    private func endOfValue(_ start: Int) -> Int {
        var index = start
        var depth = 0
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "\""):
                index = endOfString(index)
                if depth == 0 { return index }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            case UInt8(ascii: ",") where depth == 0: return index
            default: break
            }
            index += 1
        }
        return index
    }
}
