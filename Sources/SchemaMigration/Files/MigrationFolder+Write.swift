import FoundationEssentials
import Glibc

/// A file that could not be written.
package struct MigrationWriteError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

extension MigrationFolder {
    /// Writes a new file, and the folder when it is missing. A file that is there stays as it is.
    ///
    /// - Returns: its path.
    package func write(_ migration: NewMigration) throws(MigrationWriteError) -> String {
        let file = "\(path)/\(migration.fileName)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(file) }
        defer { close(descriptor) }
        let bytes = Array(NewMigration.template.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            let failure = failure(file)
            unlink(file)
            throw failure
        }
        return file
    }

    private func failure(_ file: String) -> MigrationWriteError {
        MigrationWriteError(description: "failed to write '\(file)': \(String(cString: strerror(errno)))")
    }
}
