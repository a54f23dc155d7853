/// Bytes that are put together piece by piece and looked at as a view.
final class ViewBuffer {
    /// Room for one record and what is written around its parts.
    private let storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * RecordReader.recordLimit)
    private var end = 0

    deinit { storage.deallocate() }

    var view: ByteView { ByteView(rebasing: storage[0..<end]) }

    func removeAll() {
        end = 0
    }

    func add(_ value: UInt8) {
        storage[end] = value
        end += 1
    }

    func add(_ bytes: ByteView) {
        guard !bytes.isEmpty else { return }
        _ = UnsafeMutableBufferPointer(rebasing: storage[end...]).update(fromContentsOf: bytes)
        end += bytes.count
    }
}
