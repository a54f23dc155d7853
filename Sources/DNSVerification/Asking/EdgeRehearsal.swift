import CygniDNS
import CygniJobs
import CygniModel
import FoundationEssentials

/// Who would break if an address of the edge went, for `--rehearse-edge`.
enum EdgeRehearsal {
    /// How a domain depends on the address.
    enum Dependence: String, Hashable, CaseIterable {
        /// It copied the address and has no other of ours.
        case breaks
        /// It copied the address, beside others of ours: a part of its visitors breaks.
        case partly
        /// It follows a name of ours, and so the change, after its TTL.
        case follows
        case unknown
    }

    struct Dependent: Hashable {
        var name: String
        var tenant: String
        var dependence: Dependence
        /// Seconds until the last who remembers the address asks again.
        var drain: UInt32
        var note: String
    }

    static func answer(
        _ removed: ServerAddress,
        _ settings: VerificationSettings,
        _ looking: Looking,
        _ context: JobContext
    ) async throws -> PlanAnswer {
        var edge = settings.edge.edge
        guard edge.addresses.contains(removed.bytes) else {
            throw JobFailure(
                "\(removed) is no address of the edge: see edge.addresses in jobs/dns-verify.yaml",
                status: .usage
            )
        }
        let rows = try await DomainBook.rows(named: [], context)
        let slugs = try await DomainBook.slugs(of: rows.map(\.tenant), context)
        let resolver = looking.looker.examiner.resolver
        edge.addresses.remove(removed.bytes)
        let remaining = edge
        let found = try await withThrowingTaskGroup(of: Dependent?.self) { group in
            for row in rows {
                guard let claim = try? row.claim() else { continue }
                let tenant = slugs[row.tenant] ?? row.tenant.text
                group.addTask {
                    let a = try await resolver.find(claim.host, .a)
                    let aaaa = try await resolver.find(claim.host, .aaaa)
                    guard let (dependence, drain, note) = dependence(on: removed.bytes, [a, aaaa], remaining) else {
                        return nil
                    }
                    return Dependent(name: row.name, tenant: tenant, dependence: dependence, drain: drain, note: note)
                }
            }
            return try await group.reduce(into: [Dependent]()) { list, one in if let one { list.append(one) } }
        }
        let sorted = found.sorted { ($0.dependence.rawValue, $0.name) < ($1.dependence.rawValue, $1.name) }
        return PlanAnswer(
            text: text(removed, sorted, of: rows.count),
            json: json(removed, sorted, of: rows.count),
            status: sorted.contains { $0.dependence != .follows } ? .pending : .success
        )
    }

    /// - Parameter remaining: the edge without the address.
    /// - Returns: nil when it does not depend on it.
    static func dependence(
        on removed: [UInt8],
        _ findings: [Finding],
        _ remaining: Edge
    ) -> (Dependence, drain: UInt32, note: String)? {
        var addresses: [[UInt8]] = []
        var drain: UInt32 = 0
        var follows = false
        for finding in findings {
            switch finding {
            case .unknown(let cause): return (.unknown, 0, cause.words)
            case .absent: continue
            case .present(let records, let aliases, _):
                follows = follows || aliases.contains { remaining.names.contains($0) }
                for record in records {
                    guard case .address(let bytes) = record.data else { continue }
                    addresses.append(bytes)
                    if bytes == removed { drain = max(drain, record.ttl) }
                }
            }
        }
        guard addresses.contains(removed) else { return nil }
        let others = addresses.filter { $0 != removed && !remaining.addresses.contains($0) }.map(ServerAddress.text)
            .sorted()
        let note = others.isEmpty ? "" : "also leads elsewhere: \(others.joined(separator: ", "))"
        if follows { return (.follows, drain, note) }
        return (addresses.contains { remaining.addresses.contains($0) } ? .partly : .breaks, drain, note)
    }

    private static func text(_ removed: ServerAddress, _ found: [Dependent], of all: Int) -> String {
        var lines = ["Without \(removed): \(found.count) of \(all) domains in service have it"]
        for kind in Dependence.allCases {
            let group = found.filter { $0.dependence == kind }
            guard !group.isEmpty else { continue }
            let drain = group.map(\.drain).max() ?? 0
            lines.append("\(kind.rawValue): \(group.count), remembered for up to \(drain) s")
            for one in group {
                lines.append(
                    "  \(one.name)  tenant \(one.tenant)  TTL \(one.drain) s"
                        + (one.note.isEmpty ? "" : "  \(one.note)")
                )
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func json(_ removed: ServerAddress, _ found: [Dependent], of all: Int) -> JSONValue {
        .object([
            ("removed", .string("\(removed)")), ("in_service", .integer(all)),
            ("drain_seconds", .integer(Int(found.map(\.drain).max() ?? 0))),
            (
                "domains",
                .array(
                    found.map {
                        .object([
                            ("name", .string($0.name)), ("tenant", .string($0.tenant)),
                            ("code", .string($0.dependence.rawValue)),
                            ("ttl", .integer(Int($0.drain))), ("note", .string($0.note)),
                        ])
                    }
                )
            ),
        ])
    }
}
