import Crypto
import CygniModel
package import CygniObjectStore

/// Reads lines out of an archive, fetching the frames that may hold them and no others.
package struct ArchiveReader: Sendable {
    private let store: any ObjectStore
    private let opener: FrameOpener?

    package init(_ store: any ObjectStore, opener: FrameOpener?) {
        self.store = store
        self.opener = opener
    }

    /// What was read to answer.
    package struct Cost: Hashable, Sendable {
        package var bytes: Int64 = 0
        package var requests = 0
        package var lines = 0

        package init() {}
    }

    /// Hands out matching lines in the object's order; each frame's digest, tag and checksum are right before its first.
    ///
    /// - Parameters:
    ///   - limit: at most this many lines; nil is all.
    ///   - body: gets each line without its newline.
    package func read(
        _ manifest: Manifest,
        _ filter: LineFilter,
        limit: Int? = nil,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Cost {
        var cost = Cost()
        var filter = filter
        filter.tenantColumn = manifest.table?.tenantColumn ?? filter.tenantColumn
        filter.timeColumn = manifest.table?.timeColumn ?? filter.timeColumn
        for run in Self.runs(manifest.frames.filter(filter.mayMatch)) {
            let first = run[0]
            let last = run[run.count - 1]
            let download = try await store.get(
                manifest.objectKey,
                range: first.offset..<last.offset + Int64(last.length)
            )
            cost.requests += 1
            var frames = FrameSplitter(run)
            while let piece = try await download.next() {
                cost.bytes += Int64(piece.count)
                for (frame, bytes) in try frames.add(piece) {
                    guard SHA256.hash(data: bytes).hex == frame.sha256 else {
                        throw ArchiveError(
                            .damaged,
                            "'\(manifest.objectKey)': the frame at \(frame.offset) was changed"
                        )
                    }
                    let lines = try FrameOpening.open(bytes, frame, manifest, opener)
                    try lines.withUnsafeBytes { lines in
                        try LineSplitter.forEach(lines) { line in
                            guard cost.lines < limit ?? .max, filter.matches(line) else { return }
                            cost.lines += 1
                            try body(line)
                        }
                    }
                    if let limit, cost.lines >= limit { return cost }
                }
            }
            guard frames.isComplete else {
                throw ArchiveError(.damaged, "'\(manifest.objectKey)' ends before its last frame")
            }
        }
        return cost
    }

    /// The same for one frame.
    ///
    /// - Returns: how many lines matched.
    package func read(
        _ manifest: Manifest,
        _ frame: Manifest.Frame,
        _ filter: LineFilter,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Int {
        var one = manifest
        one.frames = [frame]
        return try await read(one, filter, body).lines
    }

    /// The manifest of an archive.
    package static func manifest(_ key: String, in store: any ObjectStore) async throws -> Manifest {
        try Manifest(parsing: try await store.get(key).collect(upTo: 64 << 20))
    }

    /// Frames that follow each other, to be fetched in one request.
    private static func runs(_ frames: [Manifest.Frame]) -> [[Manifest.Frame]] {
        var runs: [[Manifest.Frame]] = []
        for frame in frames {
            if let last = runs.last?.last, last.offset + Int64(last.length) == frame.offset {
                runs[runs.count - 1].append(frame)
            } else {
                runs.append([frame])
            }
        }
        return runs
    }
}
