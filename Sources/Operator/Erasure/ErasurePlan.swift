import CygniModel

/// What a tenant has: what of it goes, and what stays and why.
struct ErasurePlan: Sendable {
    enum Target: Sendable, Hashable {
        /// A table or a partition: `schema.name`, quoted.
        case rows(relation: String, source: String, item: String)
        case archive(ArchivedObject)
        case rollup(relation: String)
        /// A prefix of the object store.
        case artifacts(prefix: String)
        /// Objects that an earlier attempt replaced and did not come to delete.
        case leftovers(receipt: String, keys: [String])
    }

    struct ArchivedObject: Sendable, Hashable {
        var id: String
        var source: String
        var objectKey: String
        var manifestKey: String
    }

    struct Item: Sendable, Hashable {
        var target: Target
        var name: String
        /// Rows, samples behind buckets, or objects.
        var count: Int
        /// What keeps it; asked again when it goes.
        var sources: [String] = []
        var range: Range<Timestamp>?
        /// Why it stays; nil: it goes.
        var obstacle: String?
    }

    var slug: String
    var items: [Item] = []
    /// What no erasure takes, and why.
    var remains: [(name: String, why: String)] = []

    /// Notes why items are still there, and keeps the tenant's own row while anything else stays.
    ///
    /// - Parameter faults: by the item's name.
    mutating func settle(faults: [String: String] = [:]) {
        for index in items.indices { items[index].obstacle = faults[items[index].name] ?? items[index].obstacle }
        guard let tenant = items.lastIndex(where: { $0.name == Self.tenantRow }),
            items.contains(where: { $0.obstacle != nil })
        else { return }
        items[tenant].obstacle = items[tenant].obstacle ?? "what stays of the tenant needs it"
    }

    static let tenantRow = "cygni.tenants"

    var going: [Item] { items.filter { $0.obstacle == nil } }

    /// What is there and stays, with the reason.
    var left: [(name: String, why: String)] {
        items.compactMap { item in item.obstacle.map { (item.name, $0) } } + remains
    }

    func text(isDone: Bool) -> String {
        var text = "tenant \(slug)\n"
        if !items.isEmpty {
            var table = TextTable(["WHAT", "COUNT", isDone ? "STILL THERE, WHY" : "STATE"], rightAligned: [1])
            for item in items {
                table.add([
                    item.name, item.count.grouped,
                    item.obstacle.map { "stays: \($0)" } ?? (isDone ? "came meanwhile" : "goes"),
                ])
            }
            text += table.text(indent: 0, width: 400) { $0 }
        }
        for (name, why) in remains { text += "\(name): \(why)\n" }
        return text
    }

    var json: JSONValue {
        .object([
            ("tenant", .string(slug)),
            (
                "items",
                .array(
                    items.map { item in
                        .object([
                            ("name", .string(item.name)), ("count", .integer(item.count)),
                            ("stays_because", .optional(item.obstacle)),
                        ])
                    }
                )
            ),
            (
                "remains",
                .array(remains.map { .object([("name", .string($0.name)), ("why", .string($0.why))]) })
            ),
        ])
    }
}
