import CygniDNS
import Synchronization

/// Remembers, for one run, what was found at names that all domains share: a registry's need not be asked for each of its customers.
final class SuffixMemory: Sendable {
    private let found = Mutex<[DomainName: Finding]>([:])

    func find(_ name: DomainName, _ type: RecordType, _ resolver: Resolver) async throws -> Finding {
        guard HostName.isSuffix(name) else { return try await resolver.find(name, type) }
        if let finding = found.withLock({ $0[name] }) { return finding }
        let finding = try await resolver.find(name, type)
        if case .unknown = finding { return finding }
        found.withLock { $0[name] = finding }
        return finding
    }
}
