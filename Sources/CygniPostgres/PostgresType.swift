/// The types we send and read, by their fixed OIDs (`pg_type.dat`).
package enum PostgresType: UInt32, Sendable {
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
        case .bytea: 1001
        case .date: 1182
        case .jsonb: 3807
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
