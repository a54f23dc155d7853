package import CygniModel
package import FoundationEssentials

/// One value on its way to the server, in the form it travels in.
package struct Bind: Sendable {
    /// The type's OID (`pg_type.oid`); 0 lets the server infer it.
    let type: UInt32
    /// Binary form, or text that the server reads with the type's input function.
    let isBinary: Bool
    /// nil is NULL.
    let bytes: [UInt8]?

    /// A value in the type's binary form (`typsend`).
    static func binary(_ type: PostgresType, _ bytes: [UInt8]) -> Bind {
        Bind(type: type.rawValue, isBinary: true, bytes: bytes)
    }

    /// A value in text form; with `.unknown` the server infers the type from where it stands.
    static func text(_ type: PostgresType, _ text: String) -> Bind {
        Bind(type: type.rawValue, isBinary: false, bytes: Array(text.utf8))
    }

    static let null = Bind(type: 0, isBinary: false, bytes: nil)
}

/// A value that can stand for `$1`, `$2` … of a ``Statement``. `nil` is NULL.
package protocol PostgresBindable: Sendable {
    var postgresBind: Bind { get }
}

extension FixedWidthInteger {
    /// Network byte order, as the wire has it.
    var wireBytes: [UInt8] {
        withUnsafeBytes(of: bigEndian) { Array($0) }
    }
}

extension Int: PostgresBindable {
    /// Sent as `int8`.
    package var postgresBind: Bind { .binary(.int8, Int64(self).wireBytes) }
}

extension Int16: PostgresBindable {
    package var postgresBind: Bind { .binary(.int2, wireBytes) }
}

extension Int64: PostgresBindable {
    package var postgresBind: Bind { .binary(.int8, wireBytes) }
}

extension Int32: PostgresBindable {
    package var postgresBind: Bind { .binary(.int4, wireBytes) }
}

extension Double: PostgresBindable {
    package var postgresBind: Bind { .binary(.float8, bitPattern.wireBytes) }
}

extension Float: PostgresBindable {
    package var postgresBind: Bind { .binary(.float4, bitPattern.wireBytes) }
}

extension Bool: PostgresBindable {
    package var postgresBind: Bind { .binary(.bool, [self ? 1 : 0]) }
}

extension String: PostgresBindable {
    /// Sent as text of no declared type, so that it also fits enums, citext and the like.
    package var postgresBind: Bind { .text(.unknown, self) }
}

extension UUID: PostgresBindable {
    package var postgresBind: Bind { .binary(.uuid, withUnsafeBytes(of: uuid) { Array($0) }) }
}

extension Timestamp: PostgresBindable {
    /// The wire counts microseconds from 2000-01-01T00:00:00Z.
    package var postgresBind: Bind {
        let (count, hasOverflowed) = microseconds.subtractingReportingOverflow(postgresEpoch)
        // The lowest number means -infinity; the one above it is out of the server's range, and refused by it.
        return .binary(.timestamptz, (hasOverflowed ? .min + 1 : count).wireBytes)
    }
}

extension CivilDate: PostgresBindable {
    package var postgresBind: Bind {
        .binary(.date, Int32(daysSinceEpoch - 10_957).wireBytes)
    }
}

/// Bytes for a `bytea`.
package struct Bytes: Hashable, Sendable, PostgresBindable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var postgresBind: Bind { .binary(.bytea, bytes) }
}

/// JSON text for a `jsonb` or `json`.
package struct JSONText: Hashable, Sendable, PostgresBindable {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }

    package var postgresBind: Bind { .text(.jsonb, text) }
}

/// An exact decimal number for a `numeric`, in its text form: no precision is lost on the way.
package struct NumericText: Hashable, Sendable, PostgresBindable {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }

    package var postgresBind: Bind { .text(.numeric, text) }
}

/// 2000-01-01T00:00:00Z in microseconds since 1970.
let postgresEpoch: Int64 = 946_684_800_000_000
