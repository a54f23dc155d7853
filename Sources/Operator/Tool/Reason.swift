import ArgumentParser
import CygniModel

/// What somebody says for the next person, and for how long it holds.
enum Reason {
    /// It is shown on other people's terminals.
    static func check(why: String, length: String?) throws {
        let isPlain = !why.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard !why.allSatisfy(\.isWhitespace), isPlain, why.count <= 500 else {
            throw ValidationError("--why must say something, on one line of at most 500 characters")
        }
        guard length.map({ Duration(parsing: $0).map { $0 > .zero } ?? false }) ?? true else {
            throw ValidationError("--for must be a duration such as 90s, 2h or 90d")
        }
    }
}
