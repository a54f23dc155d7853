package import CygniModel
import FoundationEssentials

extension Row {
    /// The whole row as a JSON object: its columns in their order, each by its type, times in RFC 3339 with milliseconds.
    ///
    /// - Throws: ``PostgresError`` of kind `client` for a column of a type that has no form here.
    package func json() throws -> JSONValue {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(UInt8(ascii: "{"))
        for (column, name) in rows.memberNames.enumerated() {
            if column > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += name
            do {
                try rows.cell(index, at: column).writeJSON(to: &bytes)
            } catch {
                throw rows.told(error, rows.columns[column])
            }
        }
        bytes.append(UInt8(ascii: "}"))
        return .raw(String(decoding: bytes, as: UTF8.self))
    }
}

extension Cell {
    fileprivate func writeJSON(to json: inout [UInt8]) throws {
        guard let bytes else {
            json += "null".utf8
            return
        }
        switch PostgresType(rawValue: type) {
        case .bool: json += (try Bool(cell: self) ? "true" : "false").utf8
        case .int2, .int4, .int8, .oid: json += "\(try Int(cell: self))".utf8
        case .float4, .float8: json += JSONValue.number(try Double(cell: self)).utf8
        case .text, .varchar, .bpchar, .name: JSONValue.write(bytes.bindMemory(to: UInt8.self), to: &json)
        case .uuid:
            json.append(UInt8(ascii: "\""))
            try UUID(cell: self).write(to: &json)
            json.append(UInt8(ascii: "\""))
        case .timestamptz:
            json.append(UInt8(ascii: "\""))
            try Timestamp(cell: self).write(to: &json)
            json.append(UInt8(ascii: "\""))
        case _ where type == PostgresType.text.array:
            json += JSONValue.array(try [String?](cell: self).map(JSONValue.optional)).utf8
        default: throw unreadable(as: "JSON")
        }
    }
}
