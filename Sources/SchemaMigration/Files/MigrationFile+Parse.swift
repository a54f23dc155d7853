extension MigrationFile {
    /// Reads a migration in dbmate's format, strictly.
    ///
    /// A marker is any line that begins with `-- migrate:up` or `-- migrate:down`, inside a string or a comment too, as
    /// in dbmate: a file means the same to both tools, and a marker can be found without knowing SQL. A quote that a
    /// marker cuts in two is then reported as never closed. Stricter than dbmate: an unknown option, a second marker of
    /// the same kind, a marker that is not at the line's start, and a BEGIN or COMMIT are errors. Looser: the down
    /// section may be missing. LF and CRLF and a byte order mark are taken as they come.
    ///
    /// - Parameters:
    ///   - path: for messages; its last part is the file's name.
    ///   - bytes: the file's content.
    package init(path: String, bytes: [UInt8]) throws(MigrationFileError) {
        let name = String(path.split(separator: "/").last ?? "")
        self.name = name
        self.path = path
        version = try Self.version(name, path)
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw MigrationFileError(
                path: path,
                line: Self.firstLineNotUTF8(bytes),
                "not UTF-8: save the file in that encoding"
            )
        }
        guard !bytes.contains(0) else {
            throw MigrationFileError(path: path, "contains a NUL byte, which PostgreSQL cannot take: remove it")
        }
        sha256 = hexadecimalSHA256(bytes)
        self.bytes = bytes
        (up, down) = try SectionParser.parse(decoded, path: path)
    }

    private static func version(_ name: String, _ path: String) throws(MigrationFileError) -> MigrationVersion {
        let digits = name.prefix { ("0"..."9").contains($0) }
        guard let version = MigrationVersion(String(digits)), name.hasSuffix(".sql"),
            ["_", "-", "."].contains(name.dropFirst(digits.count).first)
        else {
            throw MigrationFileError(path: path, "not a migration's name: it must be like 0007_add_domains.sql")
        }
        return version
    }

    private static func firstLineNotUTF8(_ bytes: [UInt8]) -> Int? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
    }

    /// SHA-256 with the other kind of line ends; tells a checkout's conversion from an edit.
    var sha256WithOtherLineEnds: String {
        let hasCarriageReturns = bytes.contains(0x0D)
        return hexadecimalSHA256(
            bytes.flatMap { byte -> [UInt8] in
                if hasCarriageReturns { return byte == 0x0D ? [] : [byte] }
                return byte == 0x0A ? [0x0D, 0x0A] : [byte]
            }
        )
    }
}
