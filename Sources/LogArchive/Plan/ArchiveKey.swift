import CygniArchive
import CygniModel

/// The key of an object: from its source, range, part and digest alone, so that a retry has the same one.
enum ArchiveKey {
    /// `archives/log_lines/2026/11/22/log_lines_p20261122.0123456789abcdef.jsonl.zst`
    static func table(
        _ source: TableSource,
        _ range: Range<Timestamp>,
        part: Int,
        _ manifest: Manifest,
        prefix: String
    ) -> String {
        var name = source.name
        if range != source.range { name += ".\(clock(range.lowerBound))-\(clock(range.upperBound))" }
        if part > 0 { name += ".s\(padded(part, 3))" }
        return "\(prefix)/\(source.settings)/\(day(range.lowerBound))/\(name).\(ending(manifest))"
    }

    /// `archives/files/web1/nginx/2026/11/22/access.log.031500.0123456789abcdef.jsonl.zst`
    static func file(_ file: FileFact, host: String, _ manifest: Manifest, prefix: String) -> String {
        let modifiedAt = Timestamp(microseconds: file.identity.modifiedAt)
        let time = String(modifiedAt.rfc3339.dropFirst(11).prefix(8).filter { $0 != ":" })
        let name = "\(FileStem.of(file.path)).\(time)"
        return "\(prefix)/files/\(host)/\(file.settings)/\(day(modifiedAt))/\(name).\(ending(manifest))"
    }

    static func manifest(of key: String) -> String { "\(key).manifest.json" }

    private static func ending(_ manifest: Manifest) -> String {
        "\(manifest.rowDigest.prefix(16)).jsonl.zst\(manifest.isSealed ? ".cms" : "")"
    }

    private static func day(_ moment: Timestamp) -> String {
        String(moment.rfc3339.prefix(10)).replacing("-", with: "/")
    }

    /// `20261122T0600`
    private static func clock(_ moment: Timestamp) -> String {
        String(moment.rfc3339.prefix(16).filter { $0 != "-" && $0 != ":" })
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// The name that a log file keeps through its rotations.
enum FileStem {
    /// `access.log` of `/var/log/nginx/access.log.2.gz` and of `access.log-20261122`.
    static func of(_ path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        for suffix in [".gz", ".zst"] where name.hasSuffix(suffix) { name.removeLast(suffix.count) }
        while let cut = name.lastIndex(where: { $0 == "." || $0 == "-" || $0 == "_" }), cut > name.startIndex {
            let tail = name[name.index(after: cut)...]
            guard !tail.isEmpty, tail.allSatisfy({ $0.isASCII && $0.isNumber }) else { break }
            name = String(name[..<cut])
        }
        return name
    }
}
