import Crypto
import CygniModel
import Dispatch
import Synchronization

/// Writes an object: takes lines in order, codes their frames on other threads, keeps them in order in a spool file.
///
/// ``write(_:)`` blocks while too many frames wait, so memory stays flat. For one thread at a time.
package final class ObjectWriter: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: (LineBuffer, FrameCoder.Coded)] = [:]
        var coders: [FrameCoder] = []
        var frames: [Manifest.Frame] = []
        var digest = RowDigest()
        var sha256 = SHA256()
        var bytes: Int64 = 0
        var rawBytes: Int64 = 0
        var rows = 0
        var submitted = 0
        var fault: (any Error)?
    }

    /// Frames that are coded or wait for it at once; each holds its lines and its stored bytes.
    private static let parallel = 3

    package let spool: SpoolFile
    private let isInline: Bool
    private let state: Mutex<State>
    private let room = DispatchSemaphore(value: parallel)
    private let queue = DispatchQueue(label: "cygni.frames", attributes: .concurrent)

    /// - Parameter isInline: frames are coded by the thread that writes them; for many objects at once, which would wait for
    ///   each other's threads otherwise.
    package init(spool: SpoolFile, level: Int, seal: FrameSeal?, isInline: Bool = false) throws {
        self.spool = spool
        self.isInline = isInline
        var state = State()
        state.coders = try (0..<Self.parallel).map { _ in
            FrameCoder(compressor: try ZstdCompressor(level: level), seal: seal)
        }
        self.state = Mutex(state)
    }

    /// Takes the lines of one frame over.
    package func write(_ lines: LineBuffer) throws {
        room.wait()
        let (index, coder) = try state.withLock { state -> (Int, FrameCoder) in
            if let fault = state.fault {
                room.signal()
                throw fault
            }
            state.submitted += 1
            return (state.submitted - 1, state.coders.removeLast())
        }
        guard !isInline else { return code(lines, index, coder) }
        queue.async { [self] in code(lines, index, coder) }
    }

    private func code(_ lines: LineBuffer, _ index: Int, _ coder: FrameCoder) {
        let coded = Result { try coder.code(lines) }
        state.withLock { state in
            state.coders.append(coder)
            do {
                state.waiting[index] = (lines, try coded.get())
                try place(&state)
            } catch {
                state.fault = state.fault ?? error
            }
        }
        room.signal()
    }

    /// Adds the frames whose turn it is to the file.
    private func place(_ state: inout State) throws {
        while state.fault == nil, let (lines, coded) = state.waiting.removeValue(forKey: state.next) {
            try spool.append(coded.bytes)
            state.frames.append(
                Manifest.Frame(
                    offset: state.bytes,
                    length: coded.bytes.count,
                    rows: lines.lineEnds.count,
                    rawBytes: lines.count,
                    sha256: coded.sha256,
                    firstTenant: lines.firstTenant,
                    lastTenant: lines.lastTenant,
                    from: lines.from,
                    to: lines.to
                )
            )
            coded.bytes.withUnsafeBytes { state.sha256.update(bufferPointer: $0) }
            state.digest.add(coded.digest)
            state.bytes += Int64(coded.bytes.count)
            state.rawBytes += Int64(lines.count)
            state.rows += lines.lineEnds.count
            state.next += 1
        }
    }

    /// Waits for the last frame and fills in what a manifest says of the object.
    package func finish(_ manifest: inout Manifest) throws {
        for _ in 0..<Self.parallel { room.wait() }
        for _ in 0..<Self.parallel { room.signal() }
        try state.withLock { state in
            if let fault = state.fault { throw fault }
            manifest.rows = state.rows
            manifest.bytes = state.bytes
            manifest.rawBytes = state.rawBytes
            manifest.sha256 = state.sha256.finalize().hex
            manifest.rowDigest = state.digest.hex
            manifest.frames = state.frames
            manifest.recipients = state.coders.first?.seal?.recipients ?? []
        }
    }
}
