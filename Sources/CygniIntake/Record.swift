/// One line of an input.
package enum Record {
    /// Bytes that one may have; what is longer is refused, wherever it comes from.
    package static let limit = 1 << 20
}
