import CygniArchive
import CygniJobs
import CygniModel
import CygniPostgres

/// Reads the rows of a range of a table into frames.
struct TableReading {
    let layout: TableLayout
    let settings: ArchiveSettings

    /// What a pass over the rows found.
    struct Result: Sendable {
        var rows = 0
        var tenants: [String: Int] = [:]
        var state: SourceState
        /// Of the rows that the earlier snapshot saw already.
        var known = RowDigest()
        var knownRows = 0
    }

    /// Reads in the session's transaction, which has one unchanging picture.
    ///
    /// - Parameters:
    ///   - since: only rows that this snapshot did not see are written; the others are counted.
    ///   - writer: where frames go.
    func read(
        _ source: TableSource,
        _ range: Range<Timestamp>,
        since snapshot: String?,
        into writer: ObjectWriter,
        _ session: Session
    ) throws -> Result {
        // sql-here: SET takes no binds
        let limits = "SET LOCAL work_mem = '\(settings.sortMemory.bytes / 1024)kB'; SET LOCAL jit = off"
        try session.script(limits, name: "archive.work_mem")
        var state = source.state
        state.snapshot = try session.query(ArchiveSteps.statements["snapshot"])[0].get("snapshot")
        var result = Result(state: state)
        var encoder = RowEncoder(layout, hasLateFlag: snapshot != nil)
        var filler = FrameFiller(writer, size: Int(settings.frameSize.bytes))
        let wantsAll = snapshot == nil
        try session.copyOut(layout.copy(source.relation, range, snapshot: snapshot)) { message in
            let (isRow, isLate) = try encoder.encode(message, into: &filler)
            guard isRow else { return }
            guard wantsAll || isLate else {
                filler.lines.endLine()
                result.known.add(row: filler.lines.lastLine)
                result.knownRows += 1
                filler.lines.forgetLine()
                encoder.dropRow()
                return
            }
            result.rows += 1
            try filler.endRow()
        }
        try filler.flush()
        encoder.finish()
        result.tenants = encoder.tenants.filter { $0.value > 0 }
        return result
    }
}
