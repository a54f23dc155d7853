import CygniArchive
import CygniModel
import FoundationEssentials

/// What the audit log keeps of an archive.
struct ArchiveDetails {
    let json: String

    init(_ manifest: Manifest, run: UUID, rowsProven: Bool) {
        json =
            JSONValue.object([
                ("run_id", .string(run.text)), ("source", .string(manifest.source)),
                ("part", .integer(manifest.part)), ("rows", .integer(manifest.rows)),
                ("range_start", .optional(manifest.rangeStart)), ("range_end", .optional(manifest.rangeEnd)),
                ("sha256", .string(manifest.sha256)), ("row_digest", .string(manifest.rowDigest)),
                ("rows_proven", .bool(rowsProven)),
            ]).text
    }
}
