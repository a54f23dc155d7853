/// Cuts a sequence of rows into frames of about one size.
package struct FrameFiller {
    private let writer: ObjectWriter?
    private let size: Int
    /// The frame in the making; rows are written into it.
    package private(set) var lines: LineBuffer

    /// - Parameters:
    ///   - writer: where full frames go; nil drops them.
    ///   - size: bytes of lines after which a frame is full.
    package init(_ writer: ObjectWriter?, size: Int) {
        self.writer = writer
        self.size = size
        lines = LineBuffer(capacity: size + 64 * 1024)
    }

    /// Ends the row in the making; a full frame goes to the writer.
    package mutating func endRow() throws {
        lines.endLine()
        if lines.count >= size { try flush() }
    }

    /// A row of another tenant begins: a frame that is not small ends here, so that few frames are of two tenants.
    package mutating func beginTenant() throws {
        if lines.count >= size / 2 { try flush() }
    }

    /// Hands out what there is.
    package mutating func flush() throws {
        guard lines.count > 0 else { return }
        try writer?.write(lines)
        lines = LineBuffer(capacity: size + 64 * 1024)
    }
}
