package import CygniDNS
package import CygniJobs
import CygniLog
import CygniModel
import CygniPostgres
import Logging

/// Looks at the domains that are due, and says how each stands.
package struct DNSVerificationJob: Job {
    package static let name = "dns-verify"
    package static let requiredMigration = 25
    package static let isShared = true

    /// What a run is asked for.
    package enum Request: Hashable, Sendable {
        case due
        case all
        case only([String])
        case explain(String)
        /// Who would break if this address of the edge went.
        case rehearse(ServerAddress)
    }

    let settings: VerificationSettings
    let request: Request
    /// So many domains may leave service in this run, whatever the guard says; nil: as the guard says.
    let allowedFlips: Int?

    package init(settings: VerificationSettings, request: Request = .due, allowedFlips: Int? = nil) {
        self.settings = settings
        self.request = request
        self.allowedFlips = allowedFlips
    }

    /// Looks; what it looks at it claims first, unless it is a dry run.
    package func plan(_ context: JobContext) async throws -> VerificationPlan {
        let looking = try Looking(settings, context)
        switch request {
        case .explain(let name): return VerificationPlan(try await Explanation.answer(name, settings, looking, context))
        case .rehearse(let address):
            return VerificationPlan(try await EdgeRehearsal.answer(address, settings, looking, context))
        case .due, .all, .only: break
        }
        let book = DomainBook(context, request)
        try await book.releaseClaims()
        let looked = try await looking.looks(book, atMost: context.limit == 0 ? settings.looks.atMost : context.limit)
        let astray = request == .due ? try await looking.astray(book) : []
        context.crashPoint("dns.looked")
        return VerificationPlan(
            looked,
            looking.looker.spool,
            astray: astray,
            flipGuard: settings.flipGuard.flipGuard,
            allowed: allowedFlips
        )
    }

    package func apply(_ plan: VerificationPlan, _ context: JobContext) async throws {
        let book = DomainBook(context, request)
        let silence = Self.silence(plan.looked)
        if let alarm = plan.alarm {
            try await book.releaseClaims()
            let more = "Look at it with --dry-run; if it is meant, run cygni-dns-verify --allow-flips \(plan.flips)"
            throw JobFailure(
                "nothing was written: \(alarm.words)\(silence.map { "; \($0)" } ?? ""). \(more)",
                status: .partial
            )
        }
        // Who leaves service, then who comes into it, one after the other; the rest in any order.
        let changes = plan.looked.prefix { $0.isChange }
        try await write(Array(changes), plan.spool, book, context)
        let rest = Array(plan.looked.dropFirst(changes.count))
        let half = (rest.count / 2 + Self.batch - 1) / Self.batch * Self.batch
        guard rest.count > half, half > 0 else {
            try await write(rest, plan.spool, book, context)
            return try end(plan, silence, context)
        }
        async let second: Void = context.withAnotherConnection { context in
            try await write(Array(rest.dropFirst(half)), plan.spool, DomainBook(context, request), context)
        }
        try await write(Array(rest.prefix(half)), plan.spool, book, context)
        try await second
        try end(plan, silence, context)
    }

    private func write(_ looked: [Looked], _ spool: LineSpool?, _ book: DomainBook, _ context: JobContext) async throws
    {
        guard let spool else { return }
        for start in stride(from: 0, to: looked.count, by: Self.batch) {
            let batch = Array(looked[start..<min(start + Self.batch, looked.count)])
            try await context.perform(batch.map(\.item)) { try await book.settle(batch, spool) }
            context.crashPoint("dns.settled")
        }
    }

    private func end(_ plan: VerificationPlan, _ silence: String?, _ context: JobContext) throws {
        for name in plan.astray {
            context.logger.warning("a certificate's name leads elsewhere", metadata: .init([.item: name]))
        }
        if let silence { throw JobFailure(silence, status: .partial) }
    }

    /// Domains that are written in one transaction.
    private static let batch = 500

    /// Where most looks got no answer, it is more likely our resolver, or our way to the world.
    private static func silence(_ looked: [Looked]) -> String? {
        let count = looked.count { $0.outcome.isUnknown && $0.outcome.found != .bogus }
        guard looked.count >= 5, count * 2 > looked.count else { return nil }
        return
            "\(count) of \(looked.count) looks got no answer, which changed nothing: see whether the resolver of jobs/dns-verify.yaml can be reached"
    }
}
