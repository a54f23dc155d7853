import Glibc

/// A test could not be set up, or a process under test misbehaved; it fails the test with its words.
package struct TestSupportError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    init(_ description: String, errno code: Int32) {
        self.init("\(description): \(String(cString: strerror(code)))")
    }
}
