import CygniModel
import CygniObjectStore

/// What a preview has in the object store, below its prefix.
struct Artifacts: Sendable {
    let store: any ObjectStore

    /// Only what is below the prefix: `a/b` does not name `a/bc`.
    private func below(_ prefix: String) -> String { prefix.hasSuffix("/") ? prefix : prefix + "/" }

    /// How many objects and bytes there are.
    func size(of prefix: String) async throws -> (objects: Int, bytes: Int64) {
        var (objects, bytes) = (0, Int64(0))
        var token: String?
        repeat {
            let page = try await store.list(below(prefix), token: token)
            objects += page.objects.count
            bytes += page.objects.reduce(0) { $0 + $1.size }
            token = page.token
        } while token != nil
        return (objects, bytes)
    }

    func delete(_ prefix: String) async throws {
        // A page at a time, always the first one: what was listed is gone by then.
        while true {
            let page = try await store.list(below(prefix), token: nil)
            guard !page.objects.isEmpty else { return }
            let failed = try await store.deleteVersions(page.objects.map(\.key))
            if let (key, cause) = failed.min(by: { $0.key < $1.key }) {
                throw TeardownFault("failed to delete \(key.printable) from \(store.place): \(cause)")
            }
        }
    }

    func probe(_ prefix: String) async throws {
        guard try await store.isThere() else {
            throw TeardownFault("there is nothing at \(store.place): is it mounted on this host?")
        }
        let left = try await store.list(below(prefix), token: nil)
        if let first = left.objects.first { throw TeardownFault("\(first.key.printable) is still in \(store.place)") }
    }
}
