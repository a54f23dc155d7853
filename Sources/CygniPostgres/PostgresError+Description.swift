extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let place = [
            sqlState.map { "SQLSTATE \($0)" }, statement.map { "statement \($0)" }, table.map { "table \($0)" },
            column.map { "column \($0)" }, constraint.map { "constraint \($0)" },
            batchPlace.map { "\($0.index + 1) in its batch, \($0.aborted) after it not run" },
        ].compactMap(\.self).joined(separator: ", ")
        return place.isEmpty ? harmlessMessage : "\(harmlessMessage) (\(place))"
    }

    package var debugDescription: String { "PostgresError.\(kind): \(description)" }

    /// `dump` and test failures print what the mirror shows.
    package var customMirror: Mirror {
        Mirror(self, children: ["kind": kind, "description": description])
    }

    /// The server's message unless it may quote a value.
    ///
    /// Left out are class 22 (data exceptions), whose messages quote what could not be read, and syntax errors, which
    /// quote the statement's own text and a literal with it. DETAIL and CONTEXT, which quote rows, are never kept.
    package var harmlessMessage: String {
        guard kind == .server, let sqlState else { return serverMessage }
        if sqlState == "42601" {
            let place = position.map { "at character \($0) of" } ?? "in"
            return "syntax error \(place) the statement"
        }
        guard sqlState.hasPrefix("22") else { return serverMessage }
        let name = Self.dataExceptions[sqlState].map { ": \($0)" } ?? ""
        return "the server could not use a value it was given\(name)"
    }

    /// The names of the data exceptions that people meet (manual, appendix A).
    private static let dataExceptions = [
        "22000": "data exception",
        "22001": "string too long for its column",
        "22003": "numeric value out of range",
        "22004": "null value not allowed",
        "22007": "invalid date or time format",
        "22008": "date or time out of range",
        "2200G": "most specific type mismatch",
        "22012": "division by zero",
        "22021": "character not in the database's encoding",
        "22023": "invalid parameter value",
        "22P01": "floating-point exception",
        "22P02": "invalid text for the type",
        "22P03": "invalid binary form for the type",
        "22P04": "bad COPY data",
        "22P05": "character cannot be translated",
    ]
}
