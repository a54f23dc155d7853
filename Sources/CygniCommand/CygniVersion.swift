/// The version of all executables; they are released together.
package enum CygniVersion {
    package static let text = "0.1.0"
}
