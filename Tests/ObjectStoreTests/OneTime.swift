import Synchronization

/// A stream of one piece.
final class OneTime: Sendable {
    private let piece: Mutex<[UInt8]?>

    init(_ piece: [UInt8]) {
        self.piece = Mutex(piece)
    }

    func take() -> [UInt8]? {
        piece.withLock { piece in
            defer { piece = nil }
            return piece
        }
    }
}
