/// Lines in the making: bytes in one growing block, written through a pointer, as a million rows pass through here.
///
/// What changes lies behind a pointer of its own, so that no access to it is checked for overlapping ones, which took a tenth of
/// the time. For one thread at a time.
package final class LineBuffer: @unchecked Sendable {
    private struct State {
        var count = 0
        var capacity: Int
        var base: UnsafeMutablePointer<UInt8>
        var lineEnds: [Int] = []
        var firstTenant: String?
        var lastTenant: String?
        var from: Int64?
        var to: Int64?
    }

    private let state: UnsafeMutablePointer<State>

    package init(capacity: Int) {
        state = .allocate(capacity: 1)
        state.initialize(to: State(capacity: capacity, base: .allocate(capacity: capacity)))
    }

    deinit {
        state.pointee.base.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    package var count: Int { state.pointee.count }

    /// Where each line ends, after its newline.
    package var lineEnds: [Int] { state.pointee.lineEnds }

    /// Of its first row.
    package var firstTenant: String? {
        get { state.pointee.firstTenant }
        set { state.pointee.firstTenant = newValue }
    }

    /// Of its last row.
    package var lastTenant: String? {
        get { state.pointee.lastTenant }
        set { state.pointee.lastTenant = newValue }
    }

    /// The earliest time of its rows.
    package var from: Int64? { state.pointee.from }
    /// The latest.
    package var to: Int64? { state.pointee.to }

    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: state.pointee.base, count: state.pointee.count)
    }

    /// Room for `more` bytes at the end, which ``advance(_:)`` then takes in.
    package func reserve(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        let state = state
        if state.pointee.count + more > state.pointee.capacity { grow(more) }
        return state.pointee.base + state.pointee.count
    }

    private func grow(_ more: Int) {
        let capacity = max(state.pointee.capacity * 2, state.pointee.count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: state.pointee.base, count: state.pointee.count)
        state.pointee.base.deallocate()
        state.pointee.base = larger
        state.pointee.capacity = capacity
    }

    package func advance(_ bytes: Int) {
        state.pointee.count += bytes
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count).update(from: source.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        state.pointee.count += bytes.count
    }

    package func append(_ bytes: StaticString) {
        append(UnsafeRawBufferPointer(start: bytes.utf8Start, count: bytes.utf8CodeUnitCount))
    }

    package func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    package func append(_ byte: UInt8) {
        reserve(1).pointee = byte
        state.pointee.count += 1
    }

    /// Ends the line in the making.
    package func endLine() {
        append(UInt8(ascii: "\n"))
        state.pointee.lineEnds.append(state.pointee.count)
    }

    /// Takes the line that was ended last out again.
    package func forgetLine() {
        state.pointee.lineEnds.removeLast()
        state.pointee.count = state.pointee.lineEnds.last ?? 0
    }

    /// The line that was ended last, without its newline.
    package var lastLine: UnsafeRawBufferPointer {
        let ends = state.pointee.lineEnds
        return UnsafeRawBufferPointer(rebasing: bytes[(ends.count > 1 ? ends[ends.count - 2] : 0)..<count - 1])
    }

    /// Takes a time of a row into account.
    package func note(time: Int64) {
        if state.pointee.from.map({ time < $0 }) ?? true { state.pointee.from = time }
        if state.pointee.to.map({ time > $0 }) ?? true { state.pointee.to = time }
    }
}
