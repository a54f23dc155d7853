import Glibc

/// A folder of people's own migrations.
package struct MigrationFolder: Sendable {
    package let path: String

    package init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Reads every `.sql` file of the folder itself; hidden files and everything else are left alone.
    ///
    /// - Throws: ``MigrationFileErrors`` with every fault of every file.
    package func load(set: String) throws(MigrationFileErrors) -> MigrationSet {
        var sources: [(path: String, bytes: [UInt8])] = []
        for name in try names() {
            let file = "\(path)/\(name)"
            guard let bytes = Self.read(file) else { throw unreadable(file) }
            sources.append((file, bytes))
        }
        return try MigrationSet(name: set, origin: path, sources: sources)
    }

    /// The names of its migrations.
    package func names() throws(MigrationFileErrors) -> [String] {
        guard let folder = opendir(path) else { throw unreadable(path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".sql"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Plain read(2): over hundreds of small files, URL and Data cost several times what the parsing does.
    private static func read(_ file: String) -> [UInt8]? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        // One byte more than it should be, so that the end shows at once.
        var content = [UInt8](repeating: 0, count: max(4096, Int(status.st_size) + 1))
        var filled = 0
        while true {
            let count = content.withUnsafeMutableBytes { bytes in
                Glibc.read(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            filled += count
            if filled == content.count { content += [UInt8](repeating: 0, count: content.count) }
        }
        content.removeLast(content.count - filled)
        return content
    }

    /// One file's bytes.
    static func content(_ file: String) throws(MigrationFileError) -> [UInt8] {
        guard let bytes = read(file) else { throw fault(file) }
        return bytes
    }

    private func unreadable(_ path: String) -> MigrationFileErrors {
        MigrationFileErrors(faults: [Self.fault(path)])
    }

    private static func fault(_ path: String) -> MigrationFileError {
        MigrationFileError(path: path, "cannot be read: \(String(cString: strerror(errno)))")
    }
}
