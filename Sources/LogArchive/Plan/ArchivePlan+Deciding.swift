import CygniModel

extension ArchivePlan {
    /// Decides, as a pure function.
    ///
    /// - Parameter limit: at most this many steps; 0: all.
    package init(facts: ArchiveFacts, settings: ArchiveSettings, limit: Int) {
        for source in facts.sources { decide(source, facts, settings) }
        for file in facts.files { decide(file, facts, settings) }
        if facts.strays > 0 {
            add(.dropStrays, "uploads", "abort", "\(facts.strays) begun more than \(settings.strayAfter.text) ago")
        }
        cut(to: limit)
        estimate(facts)
    }

    // MARK: - Tables

    private mutating func decide(_ source: TableSource, _ facts: ArchiveFacts, _ settings: ArchiveSettings) {
        guard let table = settings.tables[source.settings] else { return }
        guard let range = source.range else { return skip(source.name, "its bounds are not two moments") }
        guard range.upperBound + table.closeAfter <= facts.now else {
            return skip(source.name, "not closed before \((range.upperBound + table.closeAfter).rfc3339)")
        }
        for receipt in source.receipts where !receipt.isVerified && receipt.isStored {
            add(.finish(receipt), receipt.objectKey, "verify", "stored by a run that ended before it was read back")
        }
        let gaps = Self.gaps(range, source.receipts.filter { $0.isVerified || $0.isStored }.compactMap(\.range))
        if gaps.isEmpty { return decideLate(source) }
        guard source.bytes > 0 else { return skip(source.name, "empty") }
        let slices = gaps.flatMap { Self.slices($0, of: source, target: settings.objectSize.bytes) }
        for slice in slices {
            add(.slice(source, slice), "\(source.name)\(Self.words(slice, in: range))", "archive", "closed, no archive")
        }
    }

    /// A whole archive: only what came since is of interest, and only when the counters moved.
    private mutating func decideLate(_ source: TableSource) {
        var changed: [Range<Timestamp>] = []
        for range in Set(source.receipts.compactMap(\.range)).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let last = source.receipts.filter { $0.range == range && $0.isVerified }.max { $0.part < $1.part }
            guard let last else { continue }
            if last.state.map({ !$0.isLike(source.state) }) ?? true { changed.append(range) }
        }
        guard !changed.isEmpty else { return skip(source.name, "archived, unchanged since") }
        for range in changed {
            let words = source.range.map { Self.words(range, in: $0) } ?? ""
            add(.late(source, range), "\(source.name)\(words)", "supplement", "written to since it was archived")
        }
    }

    /// What of `range` none of `covered` covers.
    static func gaps(_ range: Range<Timestamp>, _ covered: [Range<Timestamp>]) -> [Range<Timestamp>] {
        var gaps: [Range<Timestamp>] = []
        var start = range.lowerBound
        for part in covered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let end = min(part.lowerBound, range.upperBound)
            if end > start { gaps.append(start..<end) }
            start = max(start, part.upperBound)
        }
        if start < range.upperBound { gaps.append(start..<range.upperBound) }
        return gaps
    }

    /// A gap in pieces of whole hours, each of about `target` bytes of lines and at most a day.
    static func slices(_ gap: Range<Timestamp>, of source: TableSource, target: Int64) -> [Range<Timestamp>] {
        let whole = (source.range ?? gap).duration
        // A row's JSON is somewhat longer than the row.
        let lines = Double(source.bytes) * 1.2 * (gap.duration.inSeconds / max(1, whole.inSeconds))
        let pieces = max(1, (lines / Double(max(1, target))).rounded(.up))
        let hours = max(1, Int((gap.duration.inSeconds / 3600 / pieces).rounded(.down)))
        let step = Duration.hours(min(hours, 24))
        var slices: [Range<Timestamp>] = []
        var start = gap.lowerBound
        while start < gap.upperBound {
            // Whole days and hours of UTC, wherever the gap begins.
            let next = start.floored(to: step == .hours(24) ? .hours(24) : .hours(1)) + step
            let end = min(next, gap.upperBound)
            slices.append(start..<end)
            start = end
        }
        return slices
    }

    /// ` 00:00-06:00` when the slice is a part of its source.
    static func words(_ slice: Range<Timestamp>, in range: Range<Timestamp>) -> String {
        slice == range ? "" : " \(slice.lowerBound.rfc3339)..\(slice.upperBound.rfc3339)"
    }

    // MARK: - Files

    private mutating func decide(_ file: FileFact, _ facts: ArchiveFacts, _ settings: ArchiveSettings) {
        guard let rules = settings.files[file.settings] else { return }
        if let begun = file.begun, begun.isStored {
            add(.finish(begun), begun.objectKey, "verify", "stored by a run that ended before it was read back")
            if rules.after != .keep {
                add(.dispose(file, archive: begun.id), file.path, rules.after.rawValue, "archived before")
            }
            return
        }
        if let archive = file.archive {
            guard rules.after != .keep, !(rules.after == .truncate && file.identity.size == 0) else {
                return skip(file.path, "archived")
            }
            return add(.dispose(file, archive: archive), file.path, rules.after.rawValue, "archived before")
        }
        guard file.identity.size > 0 else { return skip(file.path, "empty") }
        let changedAt = Timestamp(microseconds: file.identity.modifiedAt)
        guard changedAt + rules.settle <= facts.now else {
            return skip(file.path, "changed at \(changedAt.rfc3339), less than \(rules.settle.text) ago")
        }
        add(.file(file), file.path, "archive", "rotated, no archive")
    }

    // MARK: - What it comes to

    /// Totals of the steps that are left, for a dry run.
    private mutating func estimate(_ facts: ArchiveFacts) {
        // What zstd makes of log lines, until archives of one's own tell.
        let ratio = facts.ratio ?? 0.2
        for entry in entries {
            var lines = 0.0
            switch entry.step {
            case .slice(let source, let slice):
                let share = slice.duration.inSeconds / max(1, (source.range ?? slice).duration.inSeconds)
                lines = Double(source.bytes) * 1.2 * share
                if source.tuples > 0 { count("estimated_rows", Int(source.tuples * share)) }
            case .file(let file): lines = Double(file.identity.size)
            case .late, .finish, .dispose, .dropStrays, .skip: continue
            }
            count("planned_objects", 1)
            count("estimated_line_bytes", Int(lines))
            count("estimated_stored_bytes", Int(lines * ratio))
            // The object, in parts when it is large, and its manifest.
            let stored = Int(lines * ratio)
            count("estimated_puts", stored > 32 << 20 ? stored / (16 << 20) + 4 : 2)
        }
    }
}

extension Range<Timestamp> {
    var duration: Duration { upperBound - lowerBound }
}
