/// `${NAME}` and `${NAME:-default}` in a value; `$${` stands for a literal `${`.
///
/// Works on parsed scalars, so that what a variable holds can never change the structure of the file. As in a shell, the
/// default applies when the variable is unset or empty. Any other `$` is an ordinary character.
struct Interpolation {
    /// The value with every variable filled in.
    private(set) var text = ""
    private(set) var usesEnvironment = false
    /// Rules that the text breaks: an unset variable, a `${` that is not closed.
    private(set) var problems: [String] = []

    init(_ raw: String, environment: [String: String]) {
        for piece in Self.pieces(of: raw) {
            switch piece {
            case .literal(let literal):
                text += literal
            case .variable(let name, let fallback):
                usesEnvironment = true
                let value = environment[name]
                if let fallback {
                    text += value.flatMap { $0.isEmpty ? nil : $0 } ?? fallback
                } else if let value {
                    text += value
                } else {
                    problems.append("environment variable \(name) must be set, or written ${\(name):-default}")
                }
            case .malformed(let rule):
                usesEnvironment = true
                problems.append(rule)
            }
        }
    }

    /// What the file alone says: a default is itself, a variable without one is ``unknownText``.
    static func textWithoutEnvironment(_ raw: String) -> String {
        pieces(of: raw).map { piece in
            switch piece {
            case .literal(let literal): literal
            case .variable(_, let fallback?) where !fallback.isEmpty: fallback
            case .variable, .malformed: String(unknownText)
            }
        }.joined()
    }

    /// Stands for what only the environment knows (the object replacement character).
    static let unknownText: Unicode.Scalar = "\u{FFFC}"

    private enum Piece {
        case literal(String)
        case variable(String, fallback: String?)
        case malformed(String)
    }

    private static func pieces(of raw: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = raw[...]
        while let dollar = rest.firstIndex(of: "$") {
            pieces.append(.literal(String(rest[..<dollar])))
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                pieces.append(.literal("${"))
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let close = rest.firstIndex(of: "}") else {
                    return pieces + [.malformed("'${' must be closed by '}'; a literal one is written $${")]
                }
                pieces.append(variable(rest[rest.index(rest.startIndex, offsetBy: 2)..<close]))
                rest = rest[rest.index(after: close)...]
            } else {
                pieces.append(.literal("$"))
                rest = rest.dropFirst()
            }
        }
        return pieces + [.literal(String(rest))]
    }

    private static func variable(_ body: Substring) -> Piece {
        let name = body.prefix { $0 != ":" }
        guard isVariableName(name) else {
            return .malformed("'${...}' must hold a variable's name: letters, digits and '_', no digit first")
        }
        let rest = body.dropFirst(name.count)
        guard !rest.isEmpty else { return .variable(String(name), fallback: nil) }
        guard rest.hasPrefix(":-") else {
            return .malformed("only ${\(name)} and ${\(name):-default} are known")
        }
        let fallback = rest.dropFirst(2)
        guard !fallback.contains("${") else {
            return .malformed("the default of ${\(name):-default} must not hold another '${'")
        }
        return .variable(String(name), fallback: String(fallback))
    }

    /// A name that a shell would accept for a variable.
    static func isVariableName(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
        }
    }
}
