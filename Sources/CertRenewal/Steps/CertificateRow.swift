package import CygniModel
package import CygniPostgres
package import FoundationEssentials

/// A certificate as the database has it.
package struct CertificateRow: Hashable, Sendable {
    package let tenant: UUID?
    package let tenantSlug: String?
    package let id: UUID
    package let names: [String]
    package let state: String
    package let reason: String?
    package let stateSince: Timestamp
    package let validity: Validity?
    package let authority: String?
    package let profile: String?
    package let keyType: KeyType?
    package let fingerprint: String?
    package let serial: String?
    package let ariID: String?
    package let window: SuggestedWindow?
    package let windowFailures: Int
    package let windowNextAt: Timestamp?
    package let nextAttemptAt: Timestamp?
    package let failures: Int
    package let failedAt: Timestamp?
    package let problem: String?
    package let seen: String?
    package let lookAt: Timestamp?
    package let orderID: UUID?
    package let lease: Int64
    package let deployedFingerprint: String?
    package let deployFailures: Int
    package let served: Int?
    package let edges: Int?
    package let probeAt: Timestamp?
    package let replaceReason: String?
    /// Its tenant has no other certificate.
    package let isNewTenant: Bool
    /// Names that its tenant removed, or that were taken out of service.
    package let removed: [String]
    /// Since when the newest of its names is proven.
    package let provenSince: Timestamp?

    package init(_ row: Row) throws {
        tenant = try row.get("tenant_id", as: UUID?.self)
        tenantSlug = try row.get("tenant_slug", as: String?.self)
        id = try row.get("id")
        names = try row.get("domain_names", as: [String].self)
        state = try row.get("state")
        reason = try row.get("reason", as: String?.self)
        stateSince = try row.get("state_since")
        let (from, until) = (
            try row.get("not_before", as: Timestamp?.self), try row.get("not_after", as: Timestamp?.self)
        )
        // Of one that somebody entered with its end alone, the longest lifetime that CAs give is taken.
        validity = until.map { Validity(notBefore: from ?? $0 - .days(90), notAfter: $0) }
        authority = try row.get("authority", as: String?.self)
        profile = try row.get("profile", as: String?.self)
        keyType = (try row.get("key_type", as: String?.self)).flatMap(KeyType.init)
        fingerprint = try row.get("fingerprint", as: String?.self)
        serial = try row.get("serial", as: String?.self)
        ariID = try row.get("ari_id", as: String?.self)
        if let start = try row.get("window_start", as: Timestamp?.self),
            let end = try row.get("window_end", as: Timestamp?.self)
        {
            window = SuggestedWindow(start: start, end: end)
        } else {
            window = nil
        }
        windowFailures = try row.get("window_failures", as: Int.self)
        windowNextAt = try row.get("window_next_at", as: Timestamp?.self)
        nextAttemptAt = try row.get("next_attempt_at", as: Timestamp?.self)
        failures = try row.get("failures", as: Int.self)
        failedAt = try row.get("failed_at", as: Timestamp?.self)
        problem = try row.get("problem", as: String?.self)
        seen = try row.get("seen", as: String?.self)
        lookAt = try row.get("look_at", as: Timestamp?.self)
        orderID = try row.get("order_id", as: UUID?.self)
        lease = try row.get("lease")
        deployedFingerprint = try row.get("deployed_fingerprint", as: String?.self)
        deployFailures = try row.get("deploy_failures", as: Int.self)
        served = try row.get("served", as: Int?.self)
        edges = try row.get("edges", as: Int?.self)
        probeAt = try row.get("probe_at", as: Timestamp?.self)
        replaceReason = try row.get("replace_reason", as: String?.self)
        isNewTenant = try row.get("is_new_tenant")
        removed = try row.get("removed", as: [String]?.self) ?? []
        provenSince = try row.get("proven_since", as: Timestamp?.self)
    }

    /// The name that it goes by.
    package var name: String { names.first ?? id.text }
    package var isQuarantined: Bool { state == "quarantined" }
    /// There is one that can be deployed.
    package var isIssued: Bool { fingerprint != nil }
}
