package import CygniPostgres
package import FoundationEssentials

/// Brings back a preview that is marked to go, while nothing of it is deleted. Part of its caller's transaction.
package enum PreviewRestoring {
    private static let statements = StatementFile("restoring", PackageResources.restoring_sql)

    package enum Outcome: Sendable {
        /// It is back, in this state.
        case restored(tenant: UUID, state: String)
        /// In words, why it is not.
        case impossible(String)
        case noSuchPreview
    }

    /// - Parameter pin: also keeps it from every job.
    package static func restore(_ deployment: UUID, pin: Bool = false, in session: Session) throws -> Outcome {
        if let row = try session.query(statements["restore"], deployment, pin).first {
            return .restored(tenant: try row.get("tenant_id"), state: try row.get("state"))
        }
        guard let row = try session.query(statements["standing"], deployment).first else { return .noSuchPreview }
        let state: String = try row.get("state")
        if state == "reaping", try row.get("is_begun") {
            return .impossible("deleting it has begun: what is gone can't be brought back")
        }
        return .impossible("it is not marked to go: it is \(state)")
    }
}
