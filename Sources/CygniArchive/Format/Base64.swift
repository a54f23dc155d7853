import FoundationEssentials

/// RFC 4648, 4.
package enum Base64 {
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        Array(Data(bytes).base64EncodedData())
    }

    package static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        Data(base64Encoded: Data(text)).map { Array($0) }
    }
}
