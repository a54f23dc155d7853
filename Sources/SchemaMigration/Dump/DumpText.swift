/// What is left of pg_dump's output when everything that differs without a reason is taken away.
enum DumpText {
    static func plain(_ dump: String) -> String {
        var lines: [Substring] = []
        var isHeader = true
        for line in dump.split(separator: "\n", omittingEmptySubsequences: false) {
            if isHeader, line.hasPrefix("-- Name: ") {
                isHeader = false
                // The frame's upper edge went with the header.
                lines.append("--")
            }
            // Settings of the session that reads it, and who wrote it with which version.
            if isHeader, !line.isEmpty { continue }
            if line.isRestriction || line.hasPrefix("SET default_tablespace = ") { continue }
            if line.hasPrefix("SET default_table_access_method = ") || line.hasPrefix("-- Dumped ") { continue }
            lines.append(line)
        }
        if let end = lines.lastIndex(of: "-- PostgreSQL database dump complete") {
            lines.removeSubrange(max(0, end - 1)..<min(lines.count, end + 2))
        }
        return squeezed(lines)
    }

    static func trailer(set: String, _ applied: [String]) -> String {
        "\n-- Applied of the set '\(set)':\n" + applied.map { "--   \($0)\n" }.joined()
    }

    /// No more than one empty line in a row, none at either end; comment frames of pg_dump stand as they are.
    private static func squeezed(_ lines: [Substring]) -> String {
        var kept: [Substring] = []
        for line in lines where !line.isEmpty || kept.last.map({ !$0.isEmpty }) ?? false { kept.append(line) }
        while kept.last?.isEmpty == true { kept.removeLast() }
        return kept.joined(separator: "\n") + (kept.isEmpty ? "" : "\n")
    }

    /// The lines that only one of two texts has, in order: `-` for the first's, `+` for the second's.
    static func differences(from old: String, to new: String) -> [String] {
        let (before, after) = (old.split(separator: "\n"), new.split(separator: "\n"))
        return after.difference(from: before).map { change in
            switch change {
            case .remove(_, let line, _): "-\(line)"
            case .insert(_, let line, _): "+\(line)"
            }
        }
    }
}

extension Substring {
    var isRestriction: Bool { hasPrefix("\\restrict ") || hasPrefix("\\unrestrict ") }
}
