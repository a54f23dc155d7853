/// The documentation of one key or section, taken from its declaration.
package struct KeyDescription: Hashable, Sendable {
    /// The dotted path, `database.pool`.
    package let path: String
    /// What may stand there, as a noun phrase.
    package let type: String
    package let doc: String
    /// How the default is written in a file; nil when there is none.
    package let defaultText: String?
    /// A value as it is written in a file.
    package let example: String?
    package let isRequired: Bool
    package let isSecret: Bool
    package let isSection: Bool
    let schema: ConfigValue
    let defaultValue: ConfigValue?

    /// The last part of the path.
    package var key: String {
        path.split(separator: ".").last.map(String.init) ?? path
    }

    /// The path of the section that the key stands in; empty at the top.
    package var parent: String {
        path.split(separator: ".").dropLast().joined(separator: ".")
    }
}
