import Foundation

/// A file system of its own that is soon full, for the length of a test.
package struct SmallDisk: Sendable {
    /// Where it is.
    package let path: String

    /// - Parameters:
    ///   - path: an empty folder, or one to be made.
    ///   - size: as mount(8) takes it for tmpfs: `64k`.
    package static func mounted(
        at path: String,
        size: String,
        _ body: (SmallDisk) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let disk = SmallDisk(path: path)
        try await disk.run("mount", ["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path])
        do {
            try await body(disk)
        } catch {
            try? await disk.run("umount", ["-l", path])
            throw error
        }
        try await disk.run("umount", ["-l", path])
    }

    package func resize(to size: String) async throws {
        try await run("mount", ["-o", "remount,size=\(size)", path])
    }

    private func run(_ command: String, _ arguments: [String]) async throws {
        let result = try await BuiltExecutable(path: "/usr/bin/\(command)").run(arguments)
        guard result.status == 0 else {
            throw TestSupportError("a small file system needs root; \(command) \(arguments): \(result)")
        }
    }
}
