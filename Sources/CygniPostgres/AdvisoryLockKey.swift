/// What an advisory lock is on: a name, or a pair of numbers; the two kinds never meet (manual, 13.3.5).
package struct AdvisoryLockKey: Hashable, Sendable, CustomStringConvertible {
    /// For people; not part of what the server compares.
    package let description: String
    /// The halves of the key as the server keeps them.
    let high: Int32
    let low: Int32
    let isPair: Bool

    /// A key of 64 bits, from the name's FNV-1a hash: the same in every version and on every machine.
    package init(_ name: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        description = name
        high = Int32(truncatingIfNeeded: hash >> 32)
        low = Int32(truncatingIfNeeded: hash)
        isPair = false
    }

    /// A key of two numbers.
    package init(_ first: Int32, _ second: Int32) {
        description = "(\(first), \(second))"
        high = first
        low = second
        isPair = true
    }

    var binds: [(any PostgresBindable)?] { [high, low, isPair] }
}
