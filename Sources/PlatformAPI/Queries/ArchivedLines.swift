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

    /// - Parameters:
    ///   - first: no line is before it.
    ///   - place: no line is behind it.
    /// - Returns: newest first.
    /// - Throws: ``Problem`` of kind `archive-unreadable` rather than leave a line out.
    func newest(_ days: [ArchivedDay], _ first: Timestamp, _ place: LogPlace, _ count: Int) async throws -> [LogEntry] {
        var newest = NewestLines(limit: count)
        for day in days {
            do {
                try await read(day, first, place, into: &newest)
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
        return newest.sorted
    }

    private func read(_ day: ArchivedDay, _ first: Timestamp, _ place: LogPlace, into newest: inout NewestLines)
        async throws
    {
        let store = call.server.store
        let manifest = try await ArchiveReader.manifest(day.manifestKey, in: store)
        var wanted = LineFilter()
        wanted.tenant = tenant.text
        wanted.deployment = filter.deployment
        wanted.from = first
        wanted.to = place.time + .microseconds(1)
        guard wanted.mayMatch(manifest) else { return }
        let reader = ArchiveReader(store, opener: manifest.isSealed ? try opener() : nil)
        // Latest first: those that end before the page does are not fetched.
        let frames = manifest.frames.filter(wanted.mayMatch).sorted { ($0.to ?? .max) > ($1.to ?? .max) }
        for frame in frames {
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
