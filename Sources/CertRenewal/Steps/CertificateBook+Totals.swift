import CygniJobs
import CygniPostgres

extension CertificateBook {
    /// How many certificates stand how, and how much of their lifetime is left, by the names of the report's counts.
    func totals() async throws -> [String: Int] {
        let now = context.now
        return try await context.read { session in
            // A number that is not there cannot fall to zero.
            var counts = Dictionary(
                uniqueKeysWithValues: Self.states.map { ("state_\($0)", 0) }
                    + Self.classes.map { ("life_left_\($0)", 0) }
            )
            for row in try session.query(Self.statements["totals"], now) {
                let count = try row.get("certificates", as: Int.self)
                counts["state_\(try row.get("state", as: String.self))", default: 0] += count
                let left = try row.get("left_class", as: Int?.self).map {
                    Self.classes[min($0, Self.classes.count - 1)]
                }
                counts["life_left_\(left ?? "none")", default: 0] += count
            }
            return counts
        }
    }

    private static let states = ["pending", "issued", "deployed", "served", "unserved", "quarantined"]
    /// The bounds stand in the statement.
    private static let classes = ["ended", "under_5_percent", "under_a_third", "under_half", "over_half"]
}
