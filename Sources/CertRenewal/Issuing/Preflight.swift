import Crypto
import CygniACME
import CygniDNS
import CygniJobs
import CygniModel

/// A look at DNS before a CA is asked. Only what is proven stops an order: no such domain, a CAA record that forbids.
struct Preflight: Sendable {
    let resolver: Resolver

    /// What was found of a certificate's names.
    struct Facts: Hashable, Sendable {
        /// Names that do not exist.
        var missing: [String] = []
        /// By name, the CAA records that count for it.
        var policies: [String: CAASet] = [:]
        /// All of it as a digest: another one means that somebody changed something.
        var digest = ""
    }

    func look(at names: [String]) async throws -> Facts {
        var facts = Facts()
        var said: [String] = []
        for text in names {
            let name = CertificateName(text)
            guard let base = name.base else { continue }
            let found = try await resolver.find([.init(base, .a), .init(base, .aaaa)])
            let isMissing = found.allSatisfy {
                if case .absent(nameExists: false, _, _, _) = $0 { true } else { false }
            }
            // Below a wildcard's domain there may be nothing but the wildcard.
            if isMissing, !name.isWildcard { facts.missing.append(text) }
            said.append("\(text) \(isMissing) \(found.map(Self.words).joined(separator: " "))")
            if let policy = try await policy(for: base) {
                facts.policies[text] = policy
                said.append("\(policy)")
            }
        }
        facts.digest = SHA256.hash(data: Array(said.joined(separator: "\n").utf8)).hex
        return facts
    }

    /// The CAA records of the nearest name that has any (RFC 8659, section 3). What can't be told forbids nothing here: the CA
    /// looks by itself.
    private func policy(for name: DomainName) async throws -> CAASet? {
        var next: DomainName? = name
        while let candidate = next, candidate != .root {
            guard case .present(let records, _, _) = try await resolver.find(candidate, .caa) else {
                next = candidate.parent
                continue
            }
            return CAASet(
                owner: candidate,
                records: records.compactMap { if case .caa(let record) = $0.data { record } else { nil } }
            )
        }
        return nil
    }

    /// Why a CA may not issue; nil: nothing says so.
    static func refusal(_ facts: Facts, _ ready: Authorities.Ready, _ kinds: [String: ACMEChallenge.Kind]) -> String? {
        let own = ready.section.identities.isEmpty ? ready.offers.meta?.caaIdentities ?? [] : ready.section.identities
        guard !own.isEmpty else { return nil }
        for (name, policy) in facts.policies.sorted(by: { $0.key < $1.key }) {
            let request = CAASet.Request(
                issuers: Set(own),
                isWildcard: CertificateName(name).isWildcard,
                account: ready.account.url,
                method: kinds[name]?.rawValue
            )
            let verdict = policy.verdict(on: request)
            if verdict != .permitted {
                return "the CAA records of \(policy.owner) keep \(ready.name) from \(name): \(verdict)"
            }
        }
        return nil
    }

    private static func words(_ finding: Finding) -> String {
        switch finding {
        case .present(let records, let aliases, _):
            (aliases.map(\.description) + records.map { "\($0.data)" }.sorted()).joined(separator: ",")
        case .absent(let exists, let aliases, _, _): "\(exists) \(aliases.map(\.description).joined(separator: ","))"
        case .unknown: "unknown"
        }
    }
}
