/// Reads the name and the labels of a sample in Prometheus' text format, and folds them into one name.
package struct PrometheusSeries {
    /// Which labels are kept.
    package enum Labels: Sendable {
        case all
        case only(Set<String>)
    }

    private struct Label {
        let name: ByteView
        /// Between the quotes, escapes as written.
        let value: ByteView
    }

    private let wanted: [DefaultText]?
    private var labels: [Label] = []
    private let folded = ViewBuffer()

    package init(_ labels: Labels) {
        wanted =
            switch labels {
            case .all: nil
            case .only(let names): names.map { DefaultText($0) }
            }
    }

    /// The folded name of the last series, `name{a="1",b="2"}` with the labels sorted; good until the next.
    package var name: ByteView { folded.view }

    /// How many labels the last series was written with.
    package var labelCount: Int { labels.count }

    /// Takes a name and its labels off the front of a line.
    package mutating func take(_ cursor: inout TextCursor) throws(RowFault) {
        labels.removeAll(keepingCapacity: true)
        var name = Self.name(&cursor)
        cursor.skipBlanks()
        if cursor.take(byte("{")) { try takeLabels(&cursor, &name) }
        guard !name.isEmpty else { throw RowFault("series: has no name") }
        folded.removeAll()
        folded.add(name)
        var separator = byte("{")
        for label in try sorted() {
            folded.add(separator)
            folded.add(label.name)
            folded.add(byte("="))
            folded.add(byte("\""))
            folded.add(label.value)
            folded.add(byte("\""))
            separator = byte(",")
        }
        if separator == byte(",") { folded.add(byte("}")) }
    }

    /// Letters, digits, `_` and `:`, no digit first.
    private static func name(_ cursor: inout TextCursor) -> ByteView {
        let start = cursor.at
        while let next = cursor.peek,
            next.isLetter || next == byte("_") || next == byte(":") || (next.isDigit && cursor.at > start)
        {
            cursor.at += 1
        }
        return cursor.bytes.part(start, cursor.at)
    }

    private mutating func takeLabels(_ cursor: inout TextCursor, _ series: inout ByteView) throws(RowFault) {
        while true {
            cursor.skipBlanks()
            if cursor.take(byte("}")) { return }
            // Prometheus 3 writes names outside of the old alphabet as `{"the name", label="value"}`.
            let isQuoted = cursor.peek == byte("\"")
            let name = isQuoted ? try Self.quoted(&cursor) : Self.name(&cursor)
            cursor.skipBlanks()
            if cursor.take(byte("=")) {
                cursor.skipBlanks()
                guard !name.isEmpty, cursor.peek == byte("\"") else { throw RowFault("series: a label has no value") }
                guard isQuoted || name.position(of: byte(":")) == nil else {
                    throw RowFault("series: a label's name has a colon")
                }
                labels.append(Label(name: name, value: try Self.quoted(&cursor)))
            } else {
                guard isQuoted, series.isEmpty else { throw RowFault("series: its labels cannot be read") }
                series = name
            }
            cursor.skipBlanks()
            guard cursor.take(byte(",")) || cursor.peek == byte("}") else {
                throw RowFault("series: its labels cannot be read")
            }
        }
    }

    private static func quoted(_ cursor: inout TextCursor) throws(RowFault) -> ByteView {
        cursor.at += 1
        let start = cursor.at
        while let next = cursor.peek {
            cursor.at += 1
            if next == byte("\"") { return cursor.bytes.part(start, cursor.at - 1) }
            guard next == byte("\\") else { continue }
            guard cursor.take(byte("\\")) || cursor.take(byte("\"")) || cursor.take(byte("n")) else {
                throw RowFault(#"series: a label's value has an escape that is not \\, \" or \n"#)
            }
        }
        throw RowFault("series: a label's quotes are not closed")
    }

    /// The labels that are kept, by name. An empty one is as good as none.
    private func sorted() throws(RowFault) -> [Label] {
        let kept = labels.filter { label in wanted?.contains { $0.equals(label.name) } ?? true }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        for (left, right) in zip(kept, kept.dropFirst()) where left.name.elementsEqual(right.name) {
            throw RowFault("series: label \(RowFault.excerpt(left.name)) is given twice")
        }
        return kept.filter { !$0.value.isEmpty }
    }
}
