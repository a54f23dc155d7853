import Crypto
import CygniModel
package import CygniObjectStore

/// Reads an object back and compares it with its manifest.
package struct ObjectProof {
    private let manifest: Manifest
    private let opener: FrameOpener?

    /// - Parameter opener: opens sealed frames; without it a sealed object is compared by its digests alone.
    package init(_ manifest: Manifest, opener: FrameOpener?) {
        self.manifest = manifest
        self.opener = opener
    }

    /// Reads all of it.
    ///
    /// - Returns: whether the rows themselves were counted and digested, or the stored bytes compared alone.
    /// - Throws: ``ArchiveError`` of kind `damaged` at the first difference; what the store throws.
    package func check(in store: any ObjectStore) async throws -> Bool {
        let download = try await store.get(manifest.objectKey)
        if let size = download.size, size != manifest.bytes {
            throw damaged("it has \(size) bytes and not \(manifest.bytes)")
        }
        var sha256 = SHA256()
        var digest = RowDigest()
        var rows = 0
        var frames = FrameSplitter(manifest.frames)
        let opensFrames = !manifest.isSealed || opener != nil
        while let piece = try await download.next() {
            piece.withUnsafeBytes { sha256.update(bufferPointer: $0) }
            for (frame, bytes) in try frames.add(piece) {
                guard SHA256.hash(data: bytes).hex == frame.sha256 else {
                    throw damaged("the frame at \(frame.offset) is not what was written")
                }
                guard opensFrames else { continue }
                rows += try Self.digest(FrameOpening.open(bytes, frame, manifest, opener), into: &digest)
            }
        }
        guard frames.isComplete else { throw damaged("it ends before its last frame") }
        guard sha256.finalize().hex == manifest.sha256 else { throw damaged("its SHA-256 is another one") }
        guard opensFrames else { return false }
        guard rows == manifest.rows else { throw damaged("it holds \(rows) rows and not \(manifest.rows)") }
        guard digest.hex == manifest.rowDigest else { throw damaged("its rows are not those that were read") }
        return true
    }

    /// Adds the rows of a frame's lines.
    ///
    /// - Returns: how many they are.
    static func digest(_ lines: [UInt8], into digest: inout RowDigest) -> Int {
        // A copy of one's own: the caller's is checked for overlapping accesses at each row.
        var sum = RowDigest()
        var rows = 0
        lines.withUnsafeBytes { bytes in
            LineSplitter.forEach(bytes) { line in
                sum.add(row: line)
                rows += 1
            }
        }
        digest.add(sum)
        return rows
    }

    private func damaged(_ cause: String) -> ArchiveError {
        ArchiveError(.damaged, "'\(manifest.objectKey)' was read back and differs: \(cause)")
    }
}

/// Opens one stored frame.
enum FrameOpening {
    static func open(
        _ bytes: [UInt8],
        _ frame: Manifest.Frame,
        _ manifest: Manifest,
        _ opener: FrameOpener?
    ) throws -> [UInt8] {
        guard manifest.isSealed else {
            return try bytes.withUnsafeBytes { try Zstd.decompress($0, size: frame.rawBytes) }
        }
        guard let opener else {
            let names = manifest.recipients.map(\.subject).joined(separator: " or ")
            throw ArchiveError(.sealed, "'\(manifest.objectKey)' is sealed; the private key of \(names) opens it")
        }
        let opened = try bytes.withUnsafeBytes(opener.open)
        return try opened.withUnsafeBytes { try Zstd.decompress($0, size: frame.rawBytes) }
    }
}
