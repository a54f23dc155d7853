/// Refuses, before parsing, a file whose keys could hold nested aliases.
///
/// The parser hashes each key to find repeated ones. A key built from aliases of aliases takes time exponential in
/// their number to hash, so that a file of a few lines would never end. Values need no such care: they are only walked,
/// within a budget. With few aliases a key stays small, so only a file with many of them is looked at.
enum AliasedKeys {
    static let harmlessAliases = 8

    static func firstSuspect(in text: String) -> Place? {
        let scalars = Array(text.unicodeScalars)
        var aliases = 0
        var suspect: Place?
        var place = Place.start
        for index in scalars.indices {
            let scalar = scalars[index]
            let before = index > 0 ? scalars[index - 1] : "\n"
            let startsToken = before.properties.isWhitespace || "[{,:-".unicodeScalars.contains(before)
            if scalar == "*", startsToken, index + 1 < scalars.count, isName(scalars[index + 1]) {
                aliases += 1
                if isFollowedByColon(scalars, from: scalars[index...].dropFirst().firstIndex { !isName($0) }) {
                    suspect = suspect ?? place
                }
            }
            let endsCollection = scalar == "]" || scalar == "}"
            let asks =
                scalar == "?" && startsToken && index + 1 < scalars.count && scalars[index + 1].properties.isWhitespace
            if asks || (endsCollection && isFollowedByColon(scalars, from: index + 1)) { suspect = suspect ?? place }
            if scalar == "\n" {
                place = Place(line: place.line + 1, column: 1)
            } else {
                place.column += 1
            }
        }
        return aliases > harmlessAliases ? suspect : nil
    }

    /// What libyaml takes for a character of an alias.
    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-")
    }

    private static func isFollowedByColon(_ scalars: [Unicode.Scalar], from start: Int?) -> Bool {
        guard let start, let next = scalars[start...].firstIndex(where: { !$0.properties.isWhitespace }) else {
            return false
        }
        return scalars[next] == ":"
    }
}
