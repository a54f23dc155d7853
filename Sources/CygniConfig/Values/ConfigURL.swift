/// A URL or connection string that may hold a password: it describes itself with `***` in the password's place.
package struct ConfigURL: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself, password included, for the one place that connects.
    package func reveal() -> String {
        text
    }

    package var description: String { Credentials.masked(text) }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["text": description]) }
}
