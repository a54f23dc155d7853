/// A mapping of a configuration file, as a Swift value.
///
/// The initializer declares each key once, by reading it. The same declaration is run to load a file, to document the
/// keys and to write the JSON Schema, so it must read the same keys in the same order whatever the values are.
///
/// ```swift
/// struct DatabaseSettings: ConfigSection {
///     let pool: Int
///     init(reading reader: inout ConfigReader) {
///         pool = reader.value("pool", .integer(1...64), default: 4, "Connections this process may open at once.")
///     }
/// }
/// ```
///
/// It does not throw: a wrong value is reported and a stand-in returned, so that all faults come out at once. Two
/// sections read by one reader share one mapping (see ``JobFile``).
package protocol ConfigSection: Sendable {
    init(reading reader: inout ConfigReader)
}

/// A section without keys, for a job that has none of its own.
package struct NoSettings: ConfigSection {
    package init(reading reader: inout ConfigReader) {}
}
