/// A text from the command line, kept as bytes that views can be taken of for as long as it lives.
package final class DefaultText {
    private let view: ByteView?

    package init(_ text: String?) {
        view = text.map { text in
            let storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
            _ = storage.initialize(from: text.utf8)
            return ByteView(storage)
        }
    }

    deinit { view?.deallocate() }

    /// Whether these are its bytes.
    package func equals(_ bytes: ByteView) -> Bool { view.map { $0.elementsEqual(bytes) } ?? bytes.isEmpty }

    /// What the row says, else this; a row that says nothing where nothing is here is refused.
    package func or(_ written: ByteView?, _ what: String) throws(RowFault) -> ByteView {
        if let written, !written.isEmpty { return written }
        guard let view, !view.isEmpty else { throw RowFault("\(what): is missing; --\(what) gives one to all rows") }
        return view
    }
}
