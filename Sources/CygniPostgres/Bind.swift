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

/// The types we send and read, by their fixed OIDs (`pg_type.dat`).
enum PostgresType: UInt32 {
    case unknown = 0
    case bool = 16
    case bytea = 17
    case char = 18
    case name = 19
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case text = 25
    case oid = 26
    case json = 114
    case float4 = 700
    case float8 = 701
    case varchar = 1043
    case bpchar = 1042
    case date = 1082
    case timestamptz = 1184
    case numeric = 1700
    case uuid = 2950
    case jsonb = 3802
    case xid8 = 5069

    /// The OID of the array of this type, for the types we send arrays of.
    var array: UInt32? {
        switch self {
        case .bool: 1000
        case .int8: 1016
        case .int4: 1007
        case .text: 1009
        case .float8: 1022
        case .timestamptz: 1185
        case .uuid: 2951
        default: nil
        }
    }
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

extension Int64: PostgresBindable {
    package var postgresBind: Bind { .binary(.int8, wireBytes) }
}

extension Int32: PostgresBindable {
    package var postgresBind: Bind { .binary(.int4, wireBytes) }
}

extension Double: PostgresBindable {
    package var postgresBind: Bind { .binary(.float8, bitPattern.wireBytes) }
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
        .binary(.timestamptz, (microseconds - postgresEpoch).wireBytes)
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
