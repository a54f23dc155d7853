package import CygniModel
import CygniPostgres
package import FoundationEssentials

/// A preview that is not reaped, as the ledger has it.
package struct Preview: Hashable, Sendable {
    package enum State: String, Sendable {
        case queued, building, ready, failed, cancelled, reaping
    }

    package var tenant: UUID
    package var id: UUID
    /// `acme/web`
    package var project: String
    package var plan: String
    /// `github:owner/name`
    package var repository: String?
    package var branch: String?
    package var pullRequest: Int?
    package var state: State
    package var isPinned: Bool
    package var isProtected: Bool
    package var aliases: [String]
    package var createdAt: Timestamp
    package var readyAt: Timestamp?
    package var lastActiveAt: Timestamp?
    package var expiresAt: Timestamp?
    package var runtimeRef: String?
    package var artifactPrefix: String?
    /// The state to go back to.
    package var stateBefore: State?
    package var restoreUntil: Timestamp?
    package var reapRule: String?
    /// Deleting has begun.
    package var isBegun: Bool
    /// When its end was first seen; nil: it was not.
    package var endSeen: Timestamp?
    package var hasEndRow: Bool
    /// When somebody was told of its end; nil: nobody was.
    package var noticedAt: Timestamp?
    /// Moves when anything does that the decision rests on.
    package var fingerprint: String

    package init(
        tenant: UUID,
        id: UUID,
        project: String,
        plan: String,
        repository: String?,
        branch: String?,
        pullRequest: Int?,
        state: State,
        createdAt: Timestamp
    ) {
        (self.tenant, self.id, self.project, self.plan) = (tenant, id, project, plan)
        (self.repository, self.branch, self.pullRequest) = (repository, branch, pullRequest)
        (self.state, self.createdAt) = (state, createdAt)
        (isPinned, isProtected, aliases, isBegun, hasEndRow) = (false, false, [], false, false)
        fingerprint = ""
    }

    /// What is decided about: the state before it was marked, when it is.
    package var standing: State { state == .reaping ? stateBefore ?? .ready : state }

    /// The engine that its runtime_ref names, as in `local/7c1f9a`; nil: it names none.
    var engine: String? {
        guard let runtimeRef, let slash = runtimeRef.firstIndex(of: "/") else { return nil }
        return String(runtimeRef[..<slash])
    }

    /// Those of these engines that it may be on.
    func engines(of names: [String]) -> [String] { engine.map { name in names.filter { $0 == name } } ?? names }

    package var name: String { id.text }

    /// `acme/web #12 (fix-login)`, for a person; a hostile branch can't move a cursor.
    package var words: String {
        var text = project
        if let pullRequest { text += " #\(pullRequest)" }
        if let branch { text += " (\(branch.printable))" }
        return text
    }
}

extension Preview {
    init(row: Row) throws {
        self.init(
            tenant: try row.get("tenant_id"),
            id: try row.get("id"),
            project: try row.get("project"),
            plan: try row.get("plan"),
            repository: try row.get("repository"),
            branch: try row.get("branch"),
            pullRequest: try row.get("pull_request"),
            // One that is not known yet is left alone, as one that is being built.
            state: State(rawValue: try row.get("state")) ?? .building,
            createdAt: try row.get("created_at")
        )
        isPinned = try row.get("pinned")
        isProtected = try row.get("protected")
        aliases = try row.get("aliases")
        readyAt = try row.get("ready_at")
        lastActiveAt = try row.get("last_active_at")
        expiresAt = try row.get("expires_at")
        runtimeRef = try row.get("runtime_ref")
        artifactPrefix = try row.get("artifact_prefix")
        stateBefore = try row.get("state_before", as: String?.self).flatMap(State.init(rawValue:))
        restoreUntil = try row.get("restore_until")
        reapRule = try row.get("reap_rule")
        isBegun = try row.get("is_begun")
        endSeen = try row.get("first_seen_at")
        hasEndRow = try row.get("has_end")
        noticedAt = try row.get("noticed_at")
        fingerprint = try row.get("fingerprint")
    }
}
