package import CygniModel

/// Which lines of archives are wanted.
package struct LineFilter: Hashable, Sendable {
    /// Canonical form, lower case.
    package var tenant: String?
    package var deployment: String?
    package var from: Timestamp?
    package var to: Timestamp?
    /// Bytes that the line holds, as JSON spells them.
    package var text: String?
    /// What the table calls its columns.
    package var tenantColumn = "tenant_id"
    package var timeColumn = "ts"

    package init() {}

    /// Whether a frame may hold such a line.
    package func mayMatch(_ frame: Manifest.Frame) -> Bool {
        if let tenant, let first = frame.firstTenant, let last = frame.lastTenant, tenant < first || tenant > last {
            return false
        }
        // The range of a frame covers the times of all of its tenants.
        if let to, let first = frame.from, first >= to.microseconds { return false }
        if let from, let last = frame.to, last < from.microseconds { return false }
        return true
    }

    /// Whether an archive may hold such a line.
    package func mayMatch(_ manifest: Manifest) -> Bool {
        if let tenant, !manifest.tenants.isEmpty, manifest.tenants[tenant] == nil { return false }
        if tenant != nil || deployment != nil, manifest.file != nil { return false }
        return manifest.frames.contains(where: mayMatch)
    }

    package func matches(_ line: UnsafeRawBufferPointer) -> Bool {
        if let text, !line.contains(Array(text.utf8)) { return false }
        // Bytes first: parsing is for the lines that hold them somewhere.
        if let tenant, !line.contains(Array(tenant.utf8)) { return false }
        if let deployment, !line.contains(Array(deployment.utf8)) { return false }
        guard tenant != nil || deployment != nil || from != nil || to != nil else { return true }
        let fields = LineFields(line)
        if let tenant, fields.text(tenantColumn) != tenant { return false }
        if let deployment, fields.text("deployment_id") != deployment { return false }
        guard from != nil || to != nil else { return true }
        guard let time = fields.text(timeColumn).flatMap({ Timestamp(parsing: $0) }) else { return false }
        return from.map { time >= $0 } ?? true && to.map { time < $0 } ?? true
    }
}
