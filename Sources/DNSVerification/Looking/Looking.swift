import CygniDNS
import CygniJobs
import CygniModel

/// A run's looks: a fresh resolver, so that nothing that another run saw is taken for new.
struct Looking: Sendable {
    let looker: Looker
    private let width: Int
    private let edge: Edge

    /// - Throws: `JobFailure` for a setting that libunbound refuses.
    init(_ settings: VerificationSettings, _ context: JobContext, surveysAll: Bool = false) throws {
        let resolver: Resolver
        var surveyor: Surveyor
        do {
            resolver = try Resolver(settings.resolver.settings)
            surveyor = Surveyor(resolver, try DirectClient())
        } catch {
            throw JobFailure("jobs/dns-verify.yaml: resolver: \(error)", status: .configuration)
        }
        for (zone, servers) in settings.resolver.stubs {
            guard let zone = DomainName(zone) else { continue }
            surveyor.stubs[zone] = servers.compactMap { ServerAddress($0) }
        }
        surveyor.vantages = settings.resolver.vantages.compactMap { ServerAddress($0) }
        surveyor.asksInternal = settings.resolver.asksLoopback
        edge = settings.edge.edge
        let isDryRun = context.isDryRun
        looker = Looker(
            examiner: Examiner(resolver),
            surveyor: surveyor,
            gate: ProviderGate(settings.pace.limits),
            measure: settings.measure,
            patience: settings.patience.patience,
            rhythm: settings.looks.rhythm,
            now: context.now,
            newToken: { isDryRun ? "a-new-token" : Token.random() },
            spool: try LineSpool(),
            surveysAll: surveysAll
        )
        // Of a domain, one lookup is in flight at first, then five at once.
        width = max(1, settings.resolver.window / 2)
    }

    /// Looks at what the book hands out, until there is no more.
    func looks(_ book: DomainBook, atMost limit: Int) async throws -> [Looked] {
        try await withThrowingTaskGroup(of: Looked.self) { group in
            var looked: [Looked] = []
            var waiting: [DomainRow] = []
            var taken = 0
            var inFlight = 0
            var isEmpty = false
            while true {
                if waiting.isEmpty, !isEmpty, taken < limit {
                    waiting = try await book.next(min(DomainBook.claimSize, limit - taken))
                    taken += waiting.count
                    isEmpty = waiting.isEmpty || book.isDryRun
                    waiting.reverse()
                }
                while inFlight < width, let row = waiting.popLast() {
                    group.addTask { try await looker.look(row) }
                    inFlight += 1
                }
                guard inFlight > 0 else { break }
                if let one = try await group.next() { looked.append(one) }
                inFlight -= 1
            }
            return looked
        }
    }

    /// Names of certificates that lead to somebody else.
    func astray(_ book: DomainBook) async throws -> [String] {
        guard !edge.isEmpty else { return [] }
        let names = try await book.certificateNames()
        let resolver = looker.examiner.resolver
        return try await withThrowingTaskGroup(of: String?.self) { group in
            for name in names {
                group.addTask {
                    guard let claim = try? Claim(name: name, token: "-") else { return nil }
                    let target = Target(
                        a: try await resolver.find(claim.host, .a),
                        aaaa: try await resolver.find(claim.host, .aaaa),
                        edge: edge
                    )
                    if case .absent = target.verdict { return name }
                    return nil
                }
            }
            return try await group.reduce(into: []) { list, name in if let name { list.append(name) } }.sorted()
        }
    }
}

extension LookPaceSection {
    var limits: ProviderGate.Limits { .init(perSecond: perProvider, breakAfter: breakAfter, probe: probe) }
}

extension VerificationSettings {
    var measure: Judgement.Measure {
        Judgement.Measure(
            edge: edge.edge,
            authorities: authorities.sorted { $0.key < $1.key }.map { name, authority in
                .init(issuers: [name], isWildcard: false, account: authority.account, method: authority.method)
            },
            acmeDelegation: acmeDelegation.flatMap { DomainName($0) },
            quorum: resolver.quorum
        )
    }
}
