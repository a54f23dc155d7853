import CygniACME
import CygniConfig
import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import FoundationEssentials
import Logging
import Synchronization

/// The CAs of a run: their clients, our accounts with them, and which of them are left alone for now.
final class Authorities: Sendable {
    /// A CA that can be asked.
    struct Ready: Sendable {
        let name: String
        let section: AuthoritySection
        let client: ACMEClient
        let account: ACMEClient.Account
        let offers: ACMEDirectory
    }

    private let settings: RenewalSettings
    private let accounts: AccountBook
    private let context: JobContext
    private let clients: [String: ACMEClient]
    private let ready = Mutex<[String: Task<Ready, any Error>]>([:])
    private let breakers = Mutex<[String: Breaker]>([:])

    struct Breaker: Hashable, Sendable {
        var failures = 0
        var closedUntil: Timestamp?
        var reason: String?
    }

    init(_ settings: RenewalSettings, _ accounts: AccountBook, _ context: JobContext) throws {
        self.settings = settings
        self.accounts = accounts
        self.context = context
        let time = RunTime(context)
        clients = try settings.authorities.mapValues { section in
            var configuration = ACMEClient.Configuration(directory: section.directory.reveal())
            configuration.caFile = section.caFile
            configuration.timeout = section.timeout
            configuration.connections = settings.pace.concurrency
            return try ACMEClient(configuration, now: { time() })
        }
    }

    /// Reads which CAs are closed; once, before anything is ordered.
    func load() async throws {
        let found = try await context.read { session in
            try session.query(CertificateBook.statements["authorities"]).map { row in
                (
                    try row.get("authority", as: String.self),
                    Breaker(
                        failures: try row.get("failures", as: Int.self),
                        closedUntil: try row.get("closed_until", as: Timestamp?.self),
                        reason: try row.get("reason", as: String?.self)
                    )
                )
            }
        }
        breakers.withLock { $0 = Dictionary(found) { first, _ in first } }
    }

    /// The CAs that may be asked at `now`, in the order of the settings, and until when the others are closed.
    func open(at now: Timestamp) -> (names: [String], reopens: Timestamp?) {
        let closed = breakers.withLock { $0 }
        let names = settings.order.filter { closed[$0]?.closedUntil.map { $0 <= now } ?? true }
        return (names, settings.order.compactMap { closed[$0]?.closedUntil }.filter { $0 > now }.min())
    }

    func section(_ name: String) -> AuthoritySection? { settings.authorities[name] }

    /// A client without an account, for what needs none.
    func client(_ name: String) -> ACMEClient? { clients[name] }

    /// The CA with our account; who asks meanwhile waits for the same answer.
    func get(_ name: String) async throws -> Ready {
        guard let client = clients[name], let section = settings.authorities[name] else {
            throw ACMEError.unsupported("anything: '\(name)' is not in the settings any more")
        }
        let accounts = accounts
        let task = ready.withLock { ready in
            if let task = ready[name] { return task }
            let task = Task {
                let offers = try await client.offers()
                let account = try await accounts.account(name, section, client)
                return Ready(name: name, section: section, client: client, account: account, offers: offers)
            }
            ready[name] = task
            return task
        }
        do {
            return try await task.value
        } catch {
            ready.withLock { $0[name] = nil }
            throw error
        }
    }

    /// The CA itself failed: after several times in a row, or where it said for how long, it is left alone.
    ///
    /// - Returns: until when.
    func failed(_ name: String, _ error: ACMEError) async throws -> Timestamp {
        let now = context.now
        let limit = settings.pace.breakAfter
        let words = Redacted.words(error)
        let asked = error.retryAfter.map { min(max($0, .minutes(1)), .days(1)) }
        let failures = try await context.transaction { session in
            try session.query(
                CertificateBook.statements["authority_failed"],
                name,
                asked.map { now + $0 },
                words
            ).first?.get("failures", as: Int.self) ?? 1
        }
        var until = asked.map { now + $0 }
        if until == nil, failures >= limit {
            let pause = min(.minutes(1) * (1 << min(failures - limit, 6)), .hours(1))
            until = now + pause
            let closed = now + pause
            try await context.transaction { session in
                _ = try session.query(CertificateBook.statements["authority_closed"], name, closed)
            }
        }
        let breaker = Breaker(failures: failures, closedUntil: until, reason: words)
        breakers.withLock { $0[name] = breaker }
        if until != nil {
            context.logger.warning("a CA is left alone", metadata: .init([.item: name, .error: words]))
            context.count("authorities_closed")
        }
        return until ?? now + .minutes(1)
    }

    /// The CA did what it should.
    func succeeded(_ name: String) async throws {
        let hadFailures = breakers.withLock { breakers in
            defer { breakers[name] = nil }
            return (breakers[name]?.failures ?? 0) > 0
        }
        guard hadFailures else { return }
        try await context.transaction { session in
            _ = try session.query(CertificateBook.statements["authority_well"], name)
        }
    }
}
