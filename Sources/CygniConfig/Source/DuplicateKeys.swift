/// Lets a parser that stops at the first repeated key read the whole file.
///
/// Yams refuses a mapping with a repeated key and tells where the key first stands. That first one is renamed by
/// changing one character into one from a private-use plane (same length, so that no place shifts), its name is
/// remembered, and the text is parsed again. Whoever walks the tree asks for the name at each key's place, and sees the
/// repetition then, along with everything else that is wrong.
struct DuplicateKeys {
    /// Each round parses the file again, so their number is bounded.
    static let maximumRounds = 50

    private var scalars: [Unicode.Scalar]
    private var lineStarts: [Int] = [0]
    private var names: [Place: String] = [:]
    private var nextPrivate: UInt32 = 0xF0000

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() where ConfigText.isLineBreak(scalar) {
            if scalar == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" { continue }
            lineStarts.append(index + 1)
        }
        let used = scalars.lazy.map(\.value).filter { (0xF0000...0xFFFFD).contains($0) }.max()
        if let used { nextPrivate = used + 1 }
    }

    /// The text to parse, with the repeated keys found so far renamed.
    var text: String {
        String(String.UnicodeScalarView(scalars))
    }

    /// The name that the key at a place has in the file, if it was renamed.
    func original(at place: Place) -> String? {
        names[place]
    }

    /// Renames the key that starts at a place; false when it is not a simple word or there were too many rounds.
    mutating func mask(_ name: String, at place: Place) -> Bool {
        guard names.count < Self.maximumRounds, names[place] == nil, place.line <= lineStarts.count,
            let fresh = Unicode.Scalar(nextPrivate), nextPrivate <= 0xFFFFD
        else { return false }
        var index = lineStarts[place.line - 1] + place.column - 1
        if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard index < scalars.count else { return false }
        // Not a word: an anchor, an alias, a tag, a collection, an empty or an escaped key.
        guard !"&*![]{},\"'\\|>%@`#:".unicodeScalars.contains(scalars[index]), !scalars[index].properties.isWhitespace
        else { return false }
        scalars[index] = fresh
        names[place] = name
        nextPrivate += 1
        return true
    }
}
