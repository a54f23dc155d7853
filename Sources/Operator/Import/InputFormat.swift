import CygniIntake

/// What a file of metrics may be written in.
enum MetricFormat: Hashable, Sendable {
    case csv(delimiter: UInt8)
    case json
    case prometheus
}

/// What a file of logs may be written in.
enum LogLineFormat: String, CaseIterable, Sendable {
    case json
    case text
}

/// Tells the format of an input from how it starts.
enum InputFormat {
    /// Refuses what is no text at all, and steps over a byte order mark.
    static func checkText(_ input: InputFile) throws {
        while input.unread.count < 4096, try input.fill() {}
        let head = input.unread.part(0, min(input.unread.count, 64 * 1024))
        if head.count >= 3, head[0] == 0xEF, head[1] == 0xBB, head[2] == 0xBF {
            input.consume(3)
            return
        }
        for (magic, name, way) in packed where head.count >= magic.count && zip(magic, head).allSatisfy({ $0 == $1 }) {
            throw ImportError(description: "'\(input.name)' is \(name): \(way)")
        }
        // A few control characters may be damage, which then is for the reject file to show.
        guard head.count(where: \.isUnusualControl) * 20 < max(1, head.count) else {
            throw ImportError(description: "'\(input.name)' is a binary file, not text")
        }
    }

    private static let packed: [(magic: [UInt8], name: String, way: String)] = [
        ([0x1F, 0x8B], "compressed with gzip", "zcat FILE | cygni import … -"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd", "zstdcat FILE | cygni import … -"),
        ([0xFD, 0x37, 0x7A, 0x58], "compressed with xz", "xzcat FILE | cygni import … -"),
        ([0x42, 0x5A, 0x68], "compressed with bzip2", "bzcat FILE | cygni import … -"),
        ([0xFF, 0xFE], "in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE | cygni import … -"),
        ([0xFE, 0xFF], "in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE | cygni import … -"),
    ]

    /// The format of metrics; nil when it cannot be told.
    static func ofMetrics(_ input: InputFile) throws -> MetricFormat? {
        guard let line = firstLine(input.unread) else { return nil }
        switch line.first {
        case byte("{") where !isPrometheus(line): return .json
        case byte("["):
            throw ImportError(
                description: "'\(input.name)' is one JSON array; one object a line is needed: jq -c '.[]' FILE"
            )
        case byte("#"): return .prometheus
        default: break
        }
        if let delimiter = delimiter(ofHeading: line) { return .csv(delimiter: delimiter) }
        return isPrometheus(line) ? .prometheus : nil
    }

    /// The format of logs; nothing more can be wrong with text.
    static func ofLogs(_ input: InputFile) -> LogLineFormat {
        firstLine(input.unread)?.first == byte("{") ? .json : .text
    }

    /// The delimiter with which a line is a heading of samples.
    static func delimiter(ofHeading line: ByteView) -> UInt8? {
        let arena = Arena()
        return [byte(","), byte(";"), byte("\t")].first { delimiter in
            var fields = CSVFields(delimiter: delimiter)
            guard (try? fields.split(line, arena)) != nil else { return false }
            let keys = fields.fields.map { SampleKey($0.trimmed) }
            return keys.contains(.time) && keys.contains(.value)
        }
    }

    private static func isPrometheus(_ line: ByteView) -> Bool {
        var series = PrometheusSeries(.only([]))
        var cursor = TextCursor(line)
        guard (try? series.take(&cursor)) != nil, cursor.peek?.isBlank == true || line[cursor.at - 1].isBlank else {
            return false
        }
        cursor.skipBlanks()
        let end = line.position(of: byte(" "), from: cursor.at) ?? line.count
        return FloatText.parse(line.part(cursor.at, end).trimmed) != nil
    }

    /// The first line that is not blank.
    private static func firstLine(_ bytes: ByteView) -> ByteView? {
        var start = 0
        while start < bytes.count {
            let end = bytes.position(of: byte("\n"), from: start) ?? bytes.count
            let line = bytes.part(start, end).trimmed
            if !line.isEmpty { return line }
            start = end + 1
        }
        return nil
    }
}

extension UInt8 {
    /// A control character that text does not have: neither a blank nor a line end, nor an escape for colours.
    fileprivate var isUnusualControl: Bool {
        self < 0x20 && !isBlank && self != 0x0C && self != 0x1B
    }
}
