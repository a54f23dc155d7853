package import CygniModel

/// How long the rows of one source are kept, with every exception resolved.
package struct Policy: Hashable, Sendable {
    package struct Exception: Hashable, Sendable {
        /// The tenant's id.
        package var tenant: String
        package var slug: String
        package var keep: Duration

        package init(tenant: String, slug: String, keep: Duration) {
            self.tenant = tenant
            self.slug = slug
            self.keep = keep
        }
    }

    /// As in the settings.
    package var name: String
    package var keep: Duration
    package var classes: [String: Duration] = [:]
    package var exceptions: [Exception] = []
    /// SHA-256 of what stands above, in hex.
    package var version: String

    package init(
        name: String,
        keep: Duration,
        classes: [String: Duration] = [:],
        exceptions: [Exception] = [],
        version: String
    ) {
        self.name = name
        self.keep = keep
        self.classes = classes
        self.exceptions = exceptions.sorted { $0.slug < $1.slug }
        self.version = version
    }

    /// How long rows of a class are kept whose tenant has no exception.
    package func keep(_ retentionClass: String?) -> Duration {
        retentionClass.flatMap { classes[$0] } ?? keep
    }

    /// The first moment of rows that stay: what is older goes, what is as old stays.
    package static func horizon(_ now: Timestamp, _ keep: Duration) -> Timestamp { now - keep }

    /// What receipts say of it.
    var json: String {
        JSONValue.object([("name", .string(name)), ("keep", .string(keep.text)), ("version", .string(version))]).text
    }
}
