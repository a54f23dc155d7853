import FoundationEssentials

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
            do {
                sources.append((file, Array(try Data(contentsOf: URL(filePath: file)))))
            } catch {
                throw MigrationFileErrors(faults: [MigrationFileError(path: file, "cannot be read: \(reason(error))")])
            }
        }
        return try MigrationSet(name: set, origin: path, sources: sources)
    }

    /// The names of its migrations.
    package func names() throws(MigrationFileErrors) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".sql") && !$0.hasPrefix(".") }.sorted()
        } catch {
            throw MigrationFileErrors(faults: [MigrationFileError(path: path, "cannot be read: \(reason(error))")])
        }
    }

    private func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such folder or file"
        case .fileReadNoPermission: "permission denied"
        default: "\(error)"
        }
    }
}
