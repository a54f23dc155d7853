/// How a key is spelled as a path below the folder: its segments as they are, as far as a file name can hold them.
///
/// What a name cannot hold, or what would lead elsewhere, is percent-encoded, so that every key has one path and every path
/// one key: `.`, `..`, a leading `.cygni-` (the store's own files), NUL and `%` itself; an empty segment is `%-`.
enum FolderKey {
    /// - Throws: ``ObjectStoreError`` of kind `key`.
    static func segments(of key: String) throws -> [String] {
        guard !key.isEmpty, key.utf8.count <= 1024 else {
            throw ObjectStoreError(.key, "a key has 1 to 1024 bytes (found \(key.utf8.count))")
        }
        return try key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { segment in
            let name = encode(String(decoding: segment, as: UTF8.self))
            guard name.utf8.count <= 255 else {
                throw ObjectStoreError(
                    .key,
                    "a folder holds no name of \(name.utf8.count) bytes: '\(name.prefix(40))…'"
                )
            }
            return name
        }
    }

    static func encode(_ segment: String) -> String {
        if segment.isEmpty { return "%-" }
        let escaped = segment.replacing("%", with: "%25").replacing("\0", with: "%00")
        guard segment == "." || segment == ".." || segment.hasPrefix(".cygni-") else { return escaped }
        return "%2E" + (segment == ".." ? "%2E" : String(escaped.dropFirst()))
    }

    static func decode(_ name: String) -> String {
        if name == "%-" { return "" }
        return name.replacing("%2E", with: ".").replacing("%00", with: "\0").replacing("%25", with: "%")
    }
}
