import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials
import Synchronization

/// Which domains a run looks at, and what became of them.
final class DomainBook: Sendable {
    static let statements = StatementFile("domains", PackageResources.domains_sql)
    /// Claimed at once: few enough for another host to have its share.
    static let claimSize = 1000
    /// Of certificates' names, so many are looked at in a run.
    private static let certificateNames = 200

    private let context: JobContext
    private let names: [String]
    private let isAll: Bool
    /// The last one that was claimed, in the order of what is due.
    private let last = Mutex(ClaimKey.first)

    init(_ context: JobContext, _ request: DNSVerificationJob.Request) {
        self.context = context
        isAll = request == .all
        if case .only(let names) = request { self.names = names } else { names = [] }
    }

    var isDryRun: Bool { context.isDryRun }

    func releaseClaims() async throws {
        guard !context.isDryRun else { return }
        let run = context.runID
        try await context.transaction { session in
            _ = try session.query(Self.statements["release"], run)
        }
    }

    /// The next domains to look at; a dry run gets all at once, and claims none.
    func next(_ count: Int) async throws -> [DomainRow] {
        try await context.checkpoint(unlessDry: true)
        let (names, isAll, run, now) = (names, isAll, context.runID, context.now)
        let limit = context.limit == 0 ? Int(Int32.max) : context.limit
        guard !context.isDryRun else {
            return try await context.read { session in
                try session.query(Self.statements["peek"], limit, names, isAll, now).map(DomainRow.init)
            }
        }
        let key = last.withLock { $0 }
        let (rows, keys) = try await context.transaction { session in
            try session.query(Self.statements["in_order"])
            let rows = try session.query(Self.statements["claim"], run, count, names, isAll, now, key.at, key.id)
            return (try rows.map(DomainRow.init), try rows.map(ClaimKey.init))
        }
        last.withLock { $0 = keys.max() ?? $0 }
        context.crashPoint("dns.claimed")
        return rows
    }

    func certificateNames() async throws -> [String] {
        let now = context.now
        return try await context.read { session in
            try session.query(Self.statements["astray"], now, Self.certificateNames).map { try $0.get("name") }
        }
    }

    /// Writes what became of some domains, all of it or nothing.
    ///
    /// - Parameter spool: where their evidence is.
    func settle(_ looked: [Looked], _ spool: LineSpool) async throws {
        // A name that another host's run gave away between our look and our write makes the index refuse: the second try sees who has it.
        do {
            try await settleOnce(looked, spool)
        } catch let error as PostgresError where error.sqlState == "23505" {
            try await settleOnce(looked, spool)
        }
    }

    private func settleOnce(_ looked: [Looked], _ spool: LineSpool) async throws {
        let (run, now) = (context.runID, context.now)
        let context = context
        let written = try await context.transaction { session in
            // Who leaves service makes room for who has just proven the same name.
            var proven = looked.filter(\.isNewlyProven)
            let others = looked.filter { !$0.isNewlyProven }
            var settled = try write(others, run, now, in: session)
            context.crashPoint("dns.settling")
            let changes = try giveNames(to: &proven, now, in: session)
            settled.formUnion(try write(proven, run, now, in: session))
            let looked = others + proven
            let valid = looked.filter { settled.contains($0.row.id) }
            let checks = JSONText(
                "[" + (try valid.map { try $0.row.checkLine($0.outcome, spool) }).joined(separator: ",") + "]"
            )
            try session.query(Self.statements["record"], checks, run, now)
            let notes = changes + valid.filter(\.isChange).map(\.changeJSON)
            if !notes.isEmpty { try session.query(Self.statements["note"], JSONText(JSONValue.array(notes).text), run) }
            return (
                settled: settled.count,
                refused: looked.count { $0.outcome.after.reason == .heldByOther && $0.outcome.isWell }
            )
        }
        context.count("settled", written.settled)
        if written.settled < looked.count { context.count("changed_meanwhile", looked.count - written.settled) }
        if written.refused > 0 { context.count("held_by_other", written.refused) }
    }

    private func write(_ looked: [Looked], _ run: UUID, _ now: Timestamp, in session: Session) throws -> Set<UUID> {
        guard !looked.isEmpty else { return [] }
        let rows = JSONText("[" + looked.map { $0.row.settleLine($0.outcome) }.joined(separator: ",") + "]")
        return Set(try session.query(Self.statements["settle"], rows, run, now).map { try $0.get("id", as: UUID.self) })
    }

    /// A name is served for one tenant: who proves it while its holder's proof stands is told so; one whose holder's proof is
    /// gone takes it over.
    ///
    /// - Returns: what became of those who gave way, for the audit trail.
    private func giveNames(to looked: inout [Looked], _ now: Timestamp, in session: Session) throws -> [JSONValue] {
        let proven = looked.enumerated().map { place, one in
            JSONValue.object([
                ("id", .string(one.row.id.text)), ("name", .string(one.row.name)),
                ("place", .integer(place)),
            ])
        }
        guard !proven.isEmpty else { return [] }
        let names = JSONText(JSONValue.array(proven).text)
        let displaced = try session.query(Self.statements["displace"], names, now).map { row -> JSONValue in
            .object([
                ("tenant_id", .string(try row.get("tenant_id", as: UUID.self).text)),
                ("id", .string(try row.get("id", as: UUID.self).text)),
                ("name", .string(try row.get("name"))), ("old_state", .string("failing")),
                ("state", .string("quarantined")), ("reason", .string(Reason.heldByOther.rawValue)),
            ])
        }
        let refused = Set(try session.query(Self.statements["refused"], names).map { try $0.get("id", as: UUID.self) })
        guard !refused.isEmpty else { return displaced }
        for index in looked.indices where refused.contains(looked[index].row.id) {
            looked[index] = looked[index].refused()
        }
        let contested = looked.filter { refused.contains($0.row.id) }.map(\.row.name)
        try session.query(Self.statements["contest"], contested, now)
        return displaced
    }
}

/// Where in the order of what is due a domain stands.
private struct ClaimKey: Comparable {
    var at: Timestamp
    var id: UUID

    static let first = ClaimKey(
        at: Timestamp(microseconds: 0),
        id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    )

    init(at: Timestamp, id: UUID) { (self.at, self.id) = (at, id) }

    init(_ row: Row) throws {
        at = try row.get("next_check_at", as: Timestamp?.self) ?? Self.first.at
        id = try row.get("id")
    }

    static func < (left: ClaimKey, right: ClaimKey) -> Bool {
        (left.at, left.id.uuidString) < (right.at, right.id.uuidString)
    }
}

extension JobContext {
    fileprivate func checkpoint(unlessDry: Bool) async throws {
        if !isDryRun { try await checkpoint() }
    }
}
