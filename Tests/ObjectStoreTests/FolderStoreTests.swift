import CygniModel
import CygniTestSupport
import Foundation
import Testing

@testable import CygniObjectStore

struct FolderStoreTests {
    @Test(arguments: [
        "..", "../x", "a/../../x", "./x", "/etc/passwd", "a//b", ".cygni-uploads/x", "a/", "%2E%2E/x", "a\0b",
    ])
    func `no key leads out of the root, and each has its own file`(key: String) async throws {
        let folder = try TemporaryFolder()
        let store = FolderStore(root: folder.file("deep/root"))
        try await store.put(key, .bytes(Array(key.utf8)), .ifAbsent)
        #expect(try await store.get(key).collect(upTo: 100) == Array(key.utf8))
        #expect(try await store.all("").map(\.key) == [key])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["deep"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("deep")) == ["root"])
    }

    @Test func `names map to keys and back`() {
        for segment in ["a", "", ".", "..", ".cygni-x", "%", "%25", "%2E", "%-", "a b+ü", ".hidden", "…"] {
            #expect(FolderKey.decode(FolderKey.encode(segment)) == segment)
        }
        let names = ["", ".", "..", "%-", "%2E", "%2E%2E"].map(FolderKey.encode)
        #expect(Set(names).count == names.count)
    }

    @Test func `a link inside is not followed`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", to: "outside/x")
        try FileManager.default.createDirectory(atPath: folder.file("root"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("root/a"),
            withDestinationPath: folder.file("outside")
        )
        let store = FolderStore(root: folder.file("root"))
        await #expect(throws: ObjectStoreError.self) { try await store.get("a/x") }
        await #expect(throws: ObjectStoreError.self) { try await store.put("a/y", .bytes([1]), .replace) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("outside")) == ["x"])
    }

    @Test func `a name that a file system cannot hold is told`() async throws {
        let store = FolderStore(root: try TemporaryFolder().path)
        let key = String(repeating: "n", count: 300)
        await #expect { try await store.put(key, .bytes([]), .ifAbsent) } throws: {
            ($0 as? ObjectStoreError)?.kind == .key
        }
    }

    @Test func `a full disk leaves nothing half done`() async throws {
        let folder = try TemporaryFolder()
        try await SmallDisk.mounted(at: folder.file("disk"), size: "1m") { disk in
            let store = FolderStore(root: "\(disk.path)/root")
            let large = [UInt8](repeating: 7, count: 2 << 20)
            await #expect { try await store.put("big", .bytes(large), .ifAbsent) } throws: {
                ($0 as? ObjectStoreError)?.kind == .full
            }
            #expect(try await store.all("").isEmpty)
            let future = Timestamp(seconds: 4_000_000_000)
            #expect(try await store.strayUploads("", before: future).isEmpty)
            try await store.put("small", .bytes([1]), .ifAbsent)
            #expect(try await store.head("small")?.size == 1)
        }
    }
}
