/// Cuts a stream of bytes into frames, as the index says.
struct FrameSplitter {
    private var frames: ArraySlice<Manifest.Frame>
    private var current: [UInt8] = []

    /// - Parameter frames: one after the other without a gap.
    init(_ frames: [Manifest.Frame]) {
        self.frames = frames[...]
        current.reserveCapacity(frames.first?.length ?? 0)
    }

    /// All frames were seen whole.
    var isComplete: Bool { frames.isEmpty && current.isEmpty }

    /// Takes a piece and returns the frames that it completes.
    ///
    /// - Throws: ``ArchiveError`` when bytes come after the last frame.
    mutating func add(_ piece: [UInt8]) throws -> [(Manifest.Frame, [UInt8])] {
        var found: [(Manifest.Frame, [UInt8])] = []
        var start = 0
        while start < piece.count {
            guard let frame = frames.first else { throw ArchiveError(.damaged, "bytes come after the last frame") }
            let wanted = min(frame.length - current.count, piece.count - start)
            current += piece[start..<start + wanted]
            start += wanted
            if current.count == frame.length {
                found.append((frame, current))
                frames = frames.dropFirst()
                current = []
                current.reserveCapacity(frames.first?.length ?? 0)
            }
        }
        return found
    }
}

/// Walks lines.
package enum LineSplitter {
    /// Calls `body` with each line, without its newline.
    package static func forEach(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void)
        rethrows
    {
        var start = 0
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            guard let end = rest.firstNewline else { return try body(rest) }
            try body(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            start += end + 1
        }
    }
}
