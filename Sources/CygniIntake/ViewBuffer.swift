/// Bytes that are put together piece by piece and looked at as a view.
package final class ViewBuffer {
    /// Room for one record and what is written around its parts.
    private let storage: UnsafeMutableBufferPointer<UInt8>
    private var end = 0

    /// - Parameter capacity: bytes of the longest record; there is room for twice as many.
    package init(capacity: Int = Record.limit) { storage = .allocate(capacity: 2 * capacity) }

    deinit { storage.deallocate() }

    package var view: ByteView { ByteView(rebasing: storage[0..<end]) }

    package func removeAll() {
        end = 0
    }

    package func add(_ value: UInt8) {
        storage[end] = value
        end += 1
    }

    package func add(_ bytes: ByteView) {
        guard !bytes.isEmpty else { return }
        _ = UnsafeMutableBufferPointer(rebasing: storage[end...]).update(fromContentsOf: bytes)
        end += bytes.count
    }
}
