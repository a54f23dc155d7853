/// Finds a file's markers and what stands between them.
struct SectionParser {
    private let path: String
    private var markers: [Marker] = []

    private struct Marker {
        var isUp: Bool
        var isTransactional: Bool
        var line: Int
        /// Where the marker's own line begins, and where the text behind it does.
        var start: String.Index
        var end: String.Index

        var word: String { isUp ? "up" : "down" }
    }

    static func parse(
        _ text: String,
        path: String
    ) throws(MigrationFileError) -> (up: MigrationSection, down: MigrationSection?) {
        var parser = SectionParser(path: path)
        // A byte order mark is no part of the SQL.
        let body = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        try parser.findMarkers(body)
        return try parser.sections(body)
    }

    private init(path: String) {
        self.path = path
    }

    private mutating func findMarkers(_ text: String) throws(MigrationFileError) {
        var line = 1
        var start = text.startIndex
        while start < text.endIndex {
            let newline = text.utf8[start...].firstIndex(of: UInt8(ascii: "\n"))
            let end = newline.map { text.utf8.index(after: $0) } ?? text.endIndex
            if let marker = try marker(text[start..<end], line: line, start: start, end: end) { markers.append(marker) }
            line += 1
            start = end
        }
    }

    private func marker(
        _ line: Substring,
        line number: Int,
        start: String.Index,
        end: String.Index
    ) throws(MigrationFileError) -> Marker? {
        // The cheap question first: most lines are no comment.
        let begin = line.utf8.drop { $0 == 0x20 || $0 == 0x09 }
        guard begin.starts(with: "--".utf8), begin.contains(UInt8(ascii: ":")) else { return nil }
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let first = words.first, first.hasPrefix("--") else { return nil }
        let isJoined = first.count > 2
        let word = isJoined ? first.dropFirst(2) : words.dropFirst().first ?? ""
        guard word.hasPrefix("migrate:") else { return nil }
        guard line.hasPrefix("--") else {
            throw fault(number, "a marker must begin its line: remove the blanks in front of '-- \(word)'")
        }
        guard word == "migrate:up" || word == "migrate:down" else {
            throw fault(number, "unknown marker '\(word)': there are 'migrate:up' and 'migrate:down'")
        }
        let options = words.dropFirst(isJoined ? 1 : 2)
        return Marker(
            isUp: word == "migrate:up",
            isTransactional: try isTransactional(options, line: number),
            line: number,
            start: start,
            end: end
        )
    }

    private func isTransactional(_ options: ArraySlice<Substring>, line: Int) throws(MigrationFileError) -> Bool {
        var value: Bool?
        for option in options {
            guard option == "transaction:false" || option == "transaction:true" else {
                throw fault(line, "unknown option '\(option)': there are 'transaction:false' and 'transaction:true'")
            }
            guard value == nil else { throw fault(line, "option 'transaction' is given twice: keep one") }
            value = option == "transaction:true"
        }
        return value ?? true
    }

    private func sections(
        _ text: String
    ) throws(MigrationFileError) -> (up: MigrationSection, down: MigrationSection?) {
        guard let up = markers.first(where: \.isUp) else {
            throw MigrationFileError(path: path, "no up section: put a line '-- migrate:up' above the statements")
        }
        let down = markers.first { !$0.isUp }
        for marker in markers where marker.line != up.line && marker.line != down?.line {
            throw fault(marker.line, "a second '-- migrate:\(marker.word)': a file has one section of each kind")
        }
        if let down, down.line < up.line {
            throw fault(down.line, "the down section stands before the up section: swap them")
        }
        let preamble = String(text[..<up.start])
        if let stray = try statements(preamble, line: 1).first {
            throw fault(
                stray.line,
                "a statement before '-- migrate:up' belongs to no section: move it below the marker"
            )
        }
        return (
            try section(text[up.end..<(down?.start ?? text.endIndex)], up),
            try down.map { marker throws(MigrationFileError) in try section(text[marker.end...], marker) }
        )
    }

    private func section(_ text: Substring, _ marker: Marker) throws(MigrationFileError) -> MigrationSection {
        let body = String(text)
        let firstLine = marker.line + 1
        let statements = try statements(body, line: firstLine)
        for statement in statements {
            if statement.controlsTransaction {
                throw fault(
                    statement.line,
                    marker.isTransactional
                        ? "\(statement.words[0]): the section runs in one transaction already: remove the statement"
                        : "\(statement.words[0]): with transaction:false each statement stands alone: "
                            + "move what belongs together into a file without that option"
                )
            }
            if statement.copiesFromClient {
                throw fault(statement.line, "COPY … FROM STDIN cannot stand in a migration: use INSERT")
            }
        }
        return MigrationSection(
            text: body,
            firstLine: firstLine,
            isTransactional: marker.isTransactional,
            statements: statements
        )
    }

    private func statements(_ text: String, line: Int) throws(MigrationFileError) -> [SQLStatement] {
        do throws(SQLFault) {
            return try StatementSplitter.split(text, line: line)
        } catch {
            var lines = LineCounter(first: line)
            throw fault(lines.line(of: error.offset, in: Array(text.utf8)), error.problem)
        }
    }

    private func fault(_ line: Int, _ problem: String) -> MigrationFileError {
        MigrationFileError(path: path, line: line, problem)
    }
}
