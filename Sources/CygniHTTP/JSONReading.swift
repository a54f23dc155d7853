import CygniModel
import FoundationEssentials

/// Decodes an answer that must be JSON of a shape, and says what it is if it is not.
package enum JSONReading {
    package struct Wrong: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(Wrong) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            let start = String(decoding: bytes.prefix(40), as: UTF8.self).printable
            throw Wrong(description: "answered something else than was asked for ('\(start)')")
        }
    }
}
