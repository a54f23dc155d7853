package import CygniConfig
import CygniDNS
package import CygniJobs
import CygniModel
import CygniPostgres
import CygniSecrets

/// Gets certificates, renews them, brings them to where they are served, and looks whether they are.
package struct CertRenewalJob: Job {
    package static let name = "cert-renew"
    package static let requiredMigration = 26
    package static let isShared = true

    let settings: RenewalSettings
    let encryption: SealingSettings
    let request: RenewalRequest
    /// No step begins later than so long after the start.
    let budget: Duration?

    /// - Parameter ignoresPreflight: what a look at DNS finds is only said.
    package init(
        settings: RenewalSettings,
        encryption: SealingSettings,
        request: RenewalRequest = .due,
        budget: Duration? = nil,
        ignoresPreflight: Bool = false
    ) {
        var settings = settings
        if ignoresPreflight, settings.preflight == .stop { settings.preflight = .warn }
        self.settings = settings
        self.encryption = encryption
        self.request = request
        self.budget = budget
    }

    private func ring() throws -> KeyRing {
        do {
            return try KeyRing(encryption)
        } catch {
            throw JobFailure("cygni.yaml: \(error)", status: .configuration)
        }
    }

    package func plan(_ context: JobContext) async throws -> RenewalPlan {
        let book = CertificateBook(context: context, ring: try ring())
        if let answer = try await request.answer(settings, book) { return RenewalPlan(answer) }
        if let plan = try await request.chores(settings, book) { return plan }
        let limit = context.limit == 0 ? settings.pace.atMost : context.limit
        let names = if case .only(let names) = request { names } else { [String]() }
        // A dry run shows what would be done as it stands; one certificate over the limit shows that there is more.
        let rows = try await book.rows(names: names, all: request == .probe, atMost: limit + 1)
            .filter { !["retired", "revoked"].contains($0.state) }
        let covered =
            settings.coverDomains && request == .due ? try await book.uncovered(atMost: limit) : []
        var plan = RenewalPlan(
            rows,
            covered: covered,
            now: context.now,
            isForced: !names.isEmpty,
            limit: request == .probe ? 0 : limit,
            servesSomewhere: !settings.serving.addresses.isEmpty,
            deploysSomewhere: settings.deploy.isSomewhere
        )
        if request == .probe { plan = RenewalPlan(probing: rows) }
        if context.isDryRun {
            for (key, value) in try await book.totals() { plan.counts[key] = value }
        }
        let missing = Set(names).subtracting(rows.flatMap(\.names))
        if let name = missing.sorted().first {
            throw JobFailure(
                "there is no certificate for '\(name)': see cygni-cert-renew show, or insert it into cygni.certificates"
            )
        }
        return plan
    }

    package func apply(_ plan: RenewalPlan, _ context: JobContext) async throws {
        let book = CertificateBook(context: context, ring: try ring())
        if plan.size > 0 { try await work(plan, book, context) }
        // As it stands afterwards.
        for (key, value) in try await book.totals() { context.count(key, value) }
    }

    private func work(_ plan: RenewalPlan, _ book: CertificateBook, _ context: JobContext) async throws {
        let needsCA =
            !plan.covered.isEmpty || !plan.chores.isEmpty
            || plan.steps.contains { if case .issue = $0 { true } else { false } }
        if needsCA { try checkConfigured() }
        var steps = plan.steps
        if !plan.covered.isEmpty { steps += try await cover(plan, book, context) }
        let worker = try await worker(book, context)
        let chores = Chores(context: context, settings: settings, book: book, authorities: worker.authorities)
        for chore in plan.chores { try await context.perform(chore.item) { try await chores.work(chore) } }
        if !plan.chores.isEmpty { steps = try await book.refreshed(steps) }
        try await carryOut(steps, worker, context)
    }

    private func checkConfigured() throws {
        guard !settings.authorities.isEmpty else {
            throw JobFailure(
                "certificates are due, and no CA is configured: name one under authorities in jobs/cert-renew.yaml, for instance letsencrypt: {directory: https://acme-v02.api.letsencrypt.org/directory}",
                status: .configuration
            )
        }
        guard encryption.current != nil else { throw JobFailure("\(SealError.noKey)", status: .configuration) }
    }

    private func cover(_ plan: RenewalPlan, _ book: CertificateBook, _ context: JobContext) async throws
        -> [RenewalStep]
    {
        let items = plan.covered.map { PlannedItem(id: $0.name, action: "cover") }
        try await context.perform(items) { try await book.cover(plan.covered) }
        context.crashPoint("cert.covered")
        let rows = try await book.rows(names: plan.covered.map(\.name), all: false, atMost: plan.covered.count)
        let known = Set(plan.steps.map(\.row.id))
        return RenewalPlan(
            rows.filter { !known.contains($0.id) },
            now: context.now,
            limit: 0,
            servesSomewhere: false,
            deploysSomewhere: false
        ).steps
    }

    private func worker(_ book: CertificateBook, _ context: JobContext) async throws -> Worker {
        let time = RunTime(context)
        let resolver: Resolver?
        do {
            resolver = settings.usesResolver ? try Resolver(settings.resolver.settings) : nil
        } catch {
            throw JobFailure("jobs/cert-renew.yaml: resolver: \(error)", status: .configuration)
        }
        let authorities = try Authorities(settings, AccountBook(context: context, ring: book.ring), context)
        try await authorities.load()
        let responders: Responders
        do {
            responders = try Responders(settings, context, resolver)
        } catch {
            throw JobFailure("jobs/cert-renew.yaml: \(error)", status: .unavailable)
        }
        let issuer = Issuer(
            context: context,
            settings: settings,
            book: book,
            authorities: authorities,
            validator: Validator(context: context, responders: responders),
            preflight: settings.preflight == .off ? nil : resolver.map { Preflight(resolver: $0) },
            time: time
        )
        return Worker(
            context: context,
            settings: settings,
            book: book,
            authorities: authorities,
            issuer: issuer,
            deliverer: try Deliverer(settings, book, time),
            time: time
        )
    }

    private func carryOut(_ steps: [RenewalStep], _ worker: Worker, _ context: JobContext) async throws {
        let end = budget.map { ContinuousClock.now + $0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            var inHand = 0
            for step in steps {
                if let end, ContinuousClock.now >= end {
                    context.count("left_by_budget")
                    continue
                }
                if inHand >= settings.pace.concurrency {
                    try await group.next()
                    inHand -= 1
                }
                group.addTask { try await context.perform(step.item) { try await worker.work(step) } }
                inHand += 1
            }
            try await group.waitForAll()
        }
        try await context.transaction { session in
            try session.query(CertificateBook.statements["forget_challenges"])
            _ = try session.query(CertificateBook.statements["forget_buckets"])
        }
    }
}

extension DeploySection {
    var isSomewhere: Bool { directory != nil || !command.isEmpty || kubernetes != nil }
}

extension RenewalSettings {
    var usesResolver: Bool { preflight != .off || (challenges.contains("dns-01") && dns.followsAliases) }
}
