import CygniJobs
import CygniModel
import CygniSecrets

extension RenewalRequest {
    /// What an operator asked for beside renewing; nil for the rest.
    func chores(_ settings: RenewalSettings, _ book: CertificateBook) async throws -> RenewalPlan? {
        switch self {
        case .due, .only, .probe, .plan, .show: return nil
        case .replace(let filter, let reason):
            let rows = try await book.matching(filter, metric: settings.trafficMetric)
            guard !rows.isEmpty else { return RenewalPlan([]) }
            return RenewalPlan(
                [.replace(rows, reason: "\(reason) (\(filter.words))")],
                then: rows.map { .issue($0, why: .replace) }
            )
        case .revoke(let name, let reason, let replaces):
            let rows = try await book.found(name).filter(\.isIssued)
            return RenewalPlan(
                rows.map { .revoke($0, reason, replaces: replaces) },
                then: replaces ? rows.map { .issue($0, why: .replace) } : []
            )
        case .importing(let folder):
            let found = try ImportFolder.read(folder)
            return RenewalPlan(found.certificates.map { .importing($0) }, kept: found.skipped)
        case .export(let name, let folder):
            return RenewalPlan(try await book.found(name).filter(\.isIssued).map { .export($0, folder: folder) })
        case .changeAccountKey(let authority): return RenewalPlan([.changeAccountKey(authority: authority)])
        case .rewrap:
            guard let current = book.ring.current else {
                throw JobFailure("\(SealError.noKey)", status: .configuration)
            }
            let pending = try await Rewrapping.pending(book.context, current)
            return RenewalPlan(
                pending.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
                    .rewrap(table: $0.key, count: $0.value)
                }
            )
        }
    }
}

extension CertificateBook {
    /// - Throws: `JobFailure` when there is none for that name.
    func found(_ name: String) async throws -> [CertificateRow] {
        let rows = try await rows(names: [name], all: false, atMost: 1000)
            .filter { !["retired", "revoked"].contains($0.state) }
        guard !rows.isEmpty else {
            throw JobFailure("there is no certificate for '\(name)': see cygni-cert-renew plan")
        }
        return rows
    }

    /// The steps with their certificates as they are now.
    func refreshed(_ steps: [RenewalStep]) async throws -> [RenewalStep] {
        var fresh: [RenewalStep] = []
        for step in steps {
            guard case .issue(let row, let why) = step, let now = try await self.row(row.id) else { continue }
            if now.state != "revoked" { fresh.append(.issue(now, why: why)) }
        }
        return fresh
    }
}
