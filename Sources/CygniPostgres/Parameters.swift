import CPostgres

/// The binds of one statement laid out as libpq's four parallel arrays.
struct Parameters {
    private let binds: [Bind]

    init(_ binds: [(any PostgresBindable)?]) {
        self.binds = binds.map { ($0?.postgresBind ?? .null).safeFromNUL }
    }

    var count: Int32 { Int32(binds.count) }
    var types: [UInt32] { binds.map(\.type) }

    /// Hands out the arrays; they hold for the length of the call. Text values end in a NUL, as libpq wants them.
    func withPointers<Value>(
        _ body: (
            _ types: UnsafePointer<Oid>, _ values: UnsafePointer<UnsafePointer<CChar>?>,
            _ lengths: UnsafePointer<Int32>, _ formats: UnsafePointer<Int32>
        ) -> Value
    ) -> Value {
        var storage: [UInt8] = []
        var offsets: [Int?] = []
        for bind in binds {
            offsets.append(bind.bytes == nil ? nil : storage.count)
            storage += bind.bytes ?? []
            storage.append(0)
        }
        return storage.withUnsafeBytes { buffer in
            let base = buffer.bindMemory(to: CChar.self).baseAddress
            let values = offsets.map { offset in offset.flatMap { offset in base.map { $0 + offset } } }
            return body(types, values, binds.map { Int32($0.bytes?.count ?? 0) }, binds.map { $0.isBinary ? 1 : 0 })
        }
    }
}

extension Bind {
    /// Text ends at its first NUL for libpq, and the rest would be lost in silence. In binary form, as `text`, the server
    /// sees the NUL and refuses it.
    fileprivate var safeFromNUL: Bind {
        guard !isBinary, let bytes, bytes.contains(0) else { return self }
        return .binary(.text, bytes)
    }
}
