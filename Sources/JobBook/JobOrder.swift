import CygniConfig

/// Jobs in an order in which each stands behind those it comes after.
package enum JobOrder {
    /// Jobs that wait for one another.
    package struct Circle: Error, CustomStringConvertible {
        package let jobs: [KnownJob]
        package var description: String { jobs.map(\.name).joined(separator: ", ") }
    }

    /// What is not among `jobs` is waited for by nobody here. The order is that of `jobs` where nothing else decides.
    package static func sorted(_ jobs: [KnownJob]) -> Result<[KnownJob], Circle> {
        var rest = jobs
        var sorted: [KnownJob] = []
        while !rest.isEmpty {
            let waiting = Set(rest.map(\.name))
            guard let next = rest.firstIndex(where: { $0.settings.after.allSatisfy { !waiting.contains($0) } }) else {
                return .failure(Circle(jobs: rest))
            }
            sorted.append(rest.remove(at: next))
        }
        return .success(sorted)
    }
}
