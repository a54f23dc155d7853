import CygniHTTP

/// Why the store did not do what was asked.
package struct ObjectStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case notFound
        /// The credentials do not suffice.
        case denied
        /// It cannot be reached, or is overloaded, or answers with faults of its own, also after further attempts.
        case unavailable
        /// There is no room.
        case full
        /// A key that this store cannot hold.
        case key
        /// An answer that makes no sense, or a body that was cut off.
        case garbled
        case other
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// - Parameter what: `put 'a/b'`.
    init(_ what: String, _ place: String, _ error: HTTPError) {
        let kind: Kind =
            switch error.kind {
            case .cut, .tooLarge: .garbled
            case .resolve, .connect, .address, .tls, .timeout: .unavailable
            case .request, .other: .other
            }
        self.init(kind, "failed to \(what) in \(place): \(error)")
    }
}
