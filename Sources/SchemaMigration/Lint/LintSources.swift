/// Which migrations are linted.
struct LintSources {
    var folder: String?
    var files: [String]

    /// - Throws: every fault of every file.
    func load() throws(MigrationFileErrors) -> [MigrationFile] {
        guard folder != nil || !files.isEmpty else { return try PlatformMigrations.load().files }
        var migrations: [MigrationFile] = []
        var faults: [MigrationFileError] = []
        if let folder {
            do throws(MigrationFileErrors) {
                migrations += try MigrationFolder(folder).load(set: "default").files
            } catch {
                faults += error.faults
            }
        }
        for file in files {
            do throws(MigrationFileError) {
                migrations.append(try MigrationFile(path: file, bytes: try MigrationFolder.content(file)))
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw MigrationFileErrors(faults: faults) }
        return migrations.sorted { ($0.version, $0.path) < ($1.version, $1.path) }
    }
}
