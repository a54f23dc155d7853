import Glibc

/// A shell's pattern for names: `*` for any characters, `?` for one, `[a-c]` for one of some (glob(7)).
package struct NamePattern: Hashable, Sendable {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }

    func matches(_ name: String) -> Bool { fnmatch(text, name, 0) == 0 }
}
