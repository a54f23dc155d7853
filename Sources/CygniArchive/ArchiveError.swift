/// What is wrong with an archive, or with what is to become one.
package struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// Bytes that are not what was written: a wrong digest, a tag that does not fit, a cut-off frame.
        case damaged
        /// No private key at hand opens it.
        case sealed
        /// A certificate or key that cannot be used.
        case credentials
        /// The folder for files in the making cannot be written to.
        case spool
        case other
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
