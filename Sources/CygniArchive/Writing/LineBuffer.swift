/// Lines in the making: bytes in one growing block, written through a pointer, as a million rows pass through here.
package final class LineBuffer: @unchecked Sendable {
    package private(set) var count = 0
    private var capacity: Int
    private var base: UnsafeMutablePointer<UInt8>
    /// Where each line ends, after its newline.
    package private(set) var lineEnds: [Int] = []
    /// Of its first and last row.
    package var firstTenant: String?
    package var lastTenant: String?
    /// Of its rows.
    package var from: Int64?
    package var to: Int64?

    package init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit {
        base.deallocate()
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Room for `more` bytes at ``end``, which ``advance(_:)`` then takes in.
    package func reserve(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if count + more > capacity {
            capacity = max(capacity * 2, count + more)
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
            larger.update(from: base, count: count)
            base.deallocate()
            base = larger
        }
        return base + count
    }

    package func advance(_ bytes: Int) {
        count += bytes
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count).update(from: source.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        count += bytes.count
    }

    package func append(_ bytes: StaticString) {
        append(UnsafeRawBufferPointer(start: bytes.utf8Start, count: bytes.utf8CodeUnitCount))
    }

    package func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes(append)
    }

    package func append(_ byte: UInt8) {
        reserve(1).pointee = byte
        count += 1
    }

    /// Ends the line in the making.
    package func endLine() {
        append(UInt8(ascii: "\n"))
        lineEnds.append(count)
    }

    /// Takes the line that was ended last out again.
    package func forgetLine() {
        lineEnds.removeLast()
        count = lineEnds.last ?? 0
    }

    /// The line that was ended last, without its newline.
    package var lastLine: UnsafeRawBufferPointer {
        let start = lineEnds.count > 1 ? lineEnds[lineEnds.count - 2] : 0
        return UnsafeRawBufferPointer(rebasing: bytes[start..<count - 1])
    }

    /// Takes a time of a row into account.
    @inline(__always)
    package func note(time: Int64) {
        if from.map({ time < $0 }) ?? true { from = time }
        if to.map({ time > $0 }) ?? true { to = time }
    }
}
