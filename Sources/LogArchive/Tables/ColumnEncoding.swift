/// How a column's binary form (`typsend`) becomes JSON.
package enum ColumnEncoding: Hashable, Sendable {
    case uuid, time, text, jsonb, int2, int4, int8, bool
    /// The server makes the JSON with `to_json`; so it does for every type that is not known here.
    case json

    /// - Parameter typeOID: `pg_type.oid` of a built-in type.
    init(typeOID: Int) {
        switch typeOID {
        case 2950: self = .uuid
        case 1184: self = .time
        case 25, 1043: self = .text
        case 3802: self = .jsonb
        case 21: self = .int2
        case 23: self = .int4
        case 20: self = .int8
        case 16: self = .bool
        default: self = .json
        }
    }
}
