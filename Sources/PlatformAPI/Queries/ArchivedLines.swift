import CygniArchive
import CygniLog
import CygniModel
import CygniObjectStore
import FoundationEssentials
import HTTPTypes
import JobBook
import LogArchive
import Logging

/// Reads one tenant's lines out of archives, fetching the frames that may hold what is wanted.
struct ArchivedLines: Sendable {
    let call: Call
    let tenant: UUID
    let filter: LogFilter

    /// What a look has found so far.
    struct Part: Sendable {
        /// Newest first.
        var lines: [LogEntry]
        /// From here on there is nothing else.
        var first: Timestamp
    }

    /// - Parameters:
    ///   - first: no line is before it.
    ///   - place: no line is behind it.
    ///   - deadline: what is left of an archive then is left for the next page.
    /// - Throws: ``Problem`` of kind `archive-unreadable` rather than leave a line out.
    func newest(
        _ days: [ArchivedDay],
        _ first: Timestamp,
        _ place: LogPlace,
        _ count: Int,
        until deadline: ContinuousClock.Instant
    ) async throws -> Part {
        var newest = NewestLines(limit: count)
        var reached = first
        for day in days {
            do {
                reached = max(reached, try await read(day, first, place, until: deadline, into: &newest))
            } catch let error as ArchiveError {
                throw problem(
                    day,
                    error.kind == .sealed ? "sealed, and this server has no key for it" : "damaged",
                    "\(error)"
                )
            } catch let error as ObjectStoreError where error.kind == .notFound {
                throw problem(day, "missing", "\(error)")
            } catch let error as ObjectStoreError {
                note("\(error)")
                throw Problem(.unavailable, "the object store is out of reach", headers: [.retryAfter: "1"])
            }
        }
        return Part(lines: newest.sorted.filter { $0.place.time >= reached }, first: reached)
    }

    /// - Returns: from where on it has been gone through.
    private func read(
        _ day: ArchivedDay,
        _ first: Timestamp,
        _ place: LogPlace,
        until deadline: ContinuousClock.Instant,
        into newest: inout NewestLines
    ) async throws -> Timestamp {
        let store = call.server.store
        let manifest = try await ArchiveReader.manifest(day.manifestKey, in: store)
        var wanted = LineFilter()
        wanted.tenant = tenant.text
        wanted.deployment = filter.deployment
        wanted.text = filter.plainText
        wanted.from = first
        wanted.to = place.time + .microseconds(1)
        guard wanted.mayMatch(manifest) else { return first }
        let reader = ArchiveReader(store, opener: manifest.isSealed ? try opener() : nil)
        // Latest first: those that end before the page does are not fetched.
        let frames = manifest.frames.filter(wanted.mayMatch).sorted { ($0.to ?? .max) > ($1.to ?? .max) }
        for (number, frame) in frames.enumerated() {
            if number > 0, ContinuousClock.now > deadline, let reached = Self.reached(before: frame, place) {
                return reached
            }
            if let bar = newest.bar, let last = frame.to, last < bar.time.microseconds { break }
            var lines: [LogEntry] = []
            _ = try await reader.read(manifest, frame, wanted) { line in
                guard let entry = LogEntry(archived: line) else {
                    throw ArchiveError(.damaged, "a line of '\(manifest.objectKey)' has no time")
                }
                if entry.place <= place, filter.matches(entry) { lines.append(entry) }
            }
            for line in lines { newest.add(line) }
        }
        return first
    }

    /// Where a look may end before a frame, of frames by their last moments, the latest first; nil: this would not lead on.
    static func reached(before frame: Manifest.Frame, _ place: LogPlace) -> Timestamp? {
        guard let last = frame.to, last < place.time.microseconds else { return nil }
        return Timestamp(microseconds: last + 1)
    }

    /// What the archiver's settings on this host name.
    private func opener() throws -> FrameOpener? {
        do {
            return try ArchiveKeys.opener(call.server.jobs.archiveSettings().encryption)
        } catch {
            note("\(error)")
            return nil
        }
    }

    private func problem(_ day: ArchivedDay, _ words: String, _ cause: String) -> Problem {
        note(cause)
        let range = "\(day.range.lowerBound) to \(day.range.upperBound)"
        return Problem(
            .archiveUnreadable,
            "log lines from \(range) are in an archive that is \(words); from and to can leave them out"
        )
    }

    private func note(_ cause: String) {
        call.logger.error(
            "archived log lines cannot be read",
            metadata: .init([.requestID: call.caller.requestID, .error: cause])
        )
    }
}
