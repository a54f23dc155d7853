import CygniArchive
import CygniModel
import CygniObjectStore
import FoundationEssentials
import LogArchive

/// Makes an archive anew without a tenant's lines.
struct ArchiveErasure: Sendable {
    let store: any ObjectStore
    let reader: ArchiveReader
    let opener: FrameOpener?
    let seal: FrameSeal?
    let settings: ArchiveSettings

    /// Stores what stays of it under a key of its own, and proves that: read back, and that what stays and what goes are
    /// together what was there.
    ///
    /// - Returns: nil when nothing stays.
    func remake(_ manifest: Manifest, without tenant: String) async throws -> Manifest? {
        var (gone, kept) = (RowDigest(), RowDigest())
        let spool = try SpoolFile(in: settings.spool)
        let writer = try ObjectWriter(
            spool: spool,
            level: settings.compressionLevel,
            seal: manifest.isSealed ? seal : nil,
            isInline: true
        )
        var filler = FrameFiller(writer, size: Int(settings.frameSize.bytes))
        let (tenantColumn, timeColumn) = (
            manifest.table?.tenantColumn ?? "tenant_id", manifest.table?.timeColumn ?? "ts"
        )
        var last: String?
        _ = try await reader.read(manifest, LineFilter()) { line in
            let fields = LineFields(line)
            let whose = fields.text(tenantColumn) ?? ""
            guard whose != tenant else { return gone.add(row: line) }
            kept.add(row: line)
            if whose != last { try filler.beginTenant() }
            last = whose
            if filler.lines.firstTenant == nil { filler.lines.firstTenant = whose }
            filler.lines.lastTenant = whose
            if let time = fields.text(timeColumn).flatMap({ Timestamp(parsing: $0) }) {
                filler.lines.note(time: time.microseconds)
            }
            filler.lines.append(line)
            try filler.endRow()
        }
        try filler.flush()
        var made = manifest
        made.tenants[tenant] = nil
        try writer.finish(&made)
        var all = kept
        all.add(gone)
        guard all.hex == manifest.rowDigest, made.rowDigest == kept.hex,
            made.rows + (manifest.tenants[tenant] ?? 0) == manifest.rows
        else {
            throw ToolError(
                "'\(manifest.objectKey)' does not hold what its manifest says: it was left as it is",
                status: .failure
            )
        }
        guard made.rows > 0 else { return nil }
        made.objectKey = Self.key(manifest.objectKey, manifest, made)
        try await store.put(made.objectKey, .file(spool.file(made.bytes), sha256: made.sha256), .replace)
        guard try await store.putProven("\(made.objectKey).manifest.json", made.text) else {
            throw ToolError("'\(made.objectKey).manifest.json' was read back and differs", status: .failure)
        }
        _ = try await ObjectProof(made, opener: opener).check(in: store)
        return made
    }

    /// The key says the digest of its rows.
    static func key(_ old: String, _ manifest: Manifest, _ made: Manifest) -> String {
        let (before, after) = (String(manifest.rowDigest.prefix(16)), String(made.rowDigest.prefix(16)))
        return old.contains(before) ? old.replacing(before, with: after) : "\(old).\(after)"
    }
}
