package import CygniHTTP

/// What is stored.
package enum ObjectBody: Sendable {
    case bytes([UInt8])
    /// A part of an open file.
    ///
    /// - Parameter sha256: of that part in hex, when known; else a store that wants it reads the file once more.
    case file(HTTPFile, sha256: String?)
    /// Pieces as they come, of any number; nil ends it.
    case stream(@Sendable () async throws -> [UInt8]?)
}
