/// All migrations of one purpose, in the order of their versions, under the name the ledger keeps them by.
package struct MigrationSet: Sendable {
    /// The ledger's name for the set: `platform` for our own, `default` for people's.
    package let name: String
    /// Where the files are, for messages: a folder, or `platform`.
    package let origin: String
    package let files: [MigrationFile]
    /// Our own set: it wants the platform's roles and schemas first, and runs as their owner.
    package let isPlatform: Bool

    /// The name of the platform's own set.
    package static let platformName = "platform"

    /// - Throws: ``MigrationFileErrors`` when two files claim one version.
    package init(
        name: String,
        origin: String,
        files: [MigrationFile],
        isPlatform: Bool = false
    ) throws(MigrationFileErrors) {
        self.name = name
        self.origin = origin
        self.isPlatform = isPlatform
        self.files = files.sorted { ($0.version, $0.name) < ($1.version, $1.name) }
        let faults = zip(self.files, self.files.dropFirst()).filter { $0.version == $1.version }.map { first, second in
            MigrationFileError(
                path: second.path,
                "version \(second.version) is taken by '\(first.name)': rename the newer of the two"
            )
        }
        guard faults.isEmpty else { throw MigrationFileErrors(faults: faults) }
    }

    /// Parses files and reports every fault in them at once.
    package init(
        name: String,
        origin: String,
        sources: [(path: String, bytes: [UInt8])],
        isPlatform: Bool = false
    ) throws(MigrationFileErrors) {
        var files: [MigrationFile] = []
        var faults: [MigrationFileError] = []
        for source in sources.sorted(by: { $0.path < $1.path }) {
            do throws(MigrationFileError) {
                files.append(try MigrationFile(path: source.path, bytes: source.bytes))
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw MigrationFileErrors(faults: faults) }
        try self.init(name: name, origin: origin, files: files, isPlatform: isPlatform)
    }

    package func file(of version: MigrationVersion) -> MigrationFile? {
        files.first { $0.version == version }
    }

    /// A command line about this set, for messages; how the database is named is left to the reader.
    func command(_ words: String) -> String {
        guard !isPlatform else { return "cygni-migrate \(words)" }
        let name = name == "default" ? "" : " --set \(name)"
        return "cygni-migrate \(words) --dir '\(origin)'\(name)"
    }
}
