import CygniArchive
import CygniAudit
import CygniJobs
import CygniModel
import CygniObjectStore
package import CygniPostgres
import FoundationEssentials

/// Applies the steps of a plan. What counts is the receipt, which comes last.
package struct ArchiveSteps: Sendable {
    package static let statements = StatementFile("archive_steps", PackageResources.archive_steps_sql)

    let settings: ArchiveSettings
    let store: any ObjectStore
    let seal: FrameSeal?
    let opener: FrameOpener?
    let context: JobContext

    func apply(_ step: ArchiveStep) async throws {
        switch step {
        case .slice(let source, let range): try await archive(source, range)
        case .late(let source, let range): try await supplement(source, range)
        case .finish(let receipt): try await finish(receipt)
        case .file(let file): try await archive(file)
        case .dispose(let file, let archive): try await dispose(file, archive)
        case .dropStrays: try await dropStrays()
        case .skip: break
        }
    }

    func makeWriter(isInline: Bool = false) throws -> ObjectWriter {
        let spool = try SpoolFile(in: settings.spool)
        return try ObjectWriter(spool: spool, level: settings.compressionLevel, seal: seal, isInline: isInline)
    }

    /// Stores an object that is whole in its spool file, proves it, and writes its receipt.
    ///
    /// First the intention is written down, with the manifest: whoever comes after a crash finds which bytes belong under the
    /// key, and finishes what was stored, or begins anew where nothing was.
    ///
    /// - Returns: the receipt's id.
    func store(_ manifest: Manifest, _ spool: SpoolFile, state: String, file: Receipt.File? = nil) async throws
        -> String
    {
        let id = try await begin(manifest, state: state)
        context.crashPoint("archive.begun")
        try await context.checkpoint()
        let body = ObjectBody.file(spool.file(manifest.bytes), sha256: manifest.sha256)
        if try await store.put(manifest.objectKey, body, .ifAbsent) == .exists {
            try await settle(manifest, body)
        }
        context.crashPoint("archive.stored")
        try await prove(id, manifest, file: file)
        context.count("archived_rows", manifest.rows)
        context.count("archived_line_bytes", Int(manifest.rawBytes))
        context.count("archived_bytes", Int(manifest.bytes))
        context.count("objects")
        return id
    }

    /// Something is under the key: it is ours when its bytes are. Other bytes without a receipt come from a run that was
    /// killed between two ciphers of the same rows, and give way; a receipt's never do, as ``begin(_:state:)`` saw to.
    private func settle(_ manifest: Manifest, _ body: ObjectBody) async throws {
        do {
            _ = try await ObjectProof(manifest, opener: nil).check(in: store)
        } catch let error as ArchiveError where error.kind == .damaged && manifest.isSealed {
            try await context.checkpoint()
            try await store.put(manifest.objectKey, body, .replace)
        }
    }

    /// Writes down what is about to be stored.
    private func begin(_ manifest: Manifest, state: String) async throws -> String {
        let text = manifest.text
        let rangeStart = manifest.rangeStart.flatMap { Timestamp(parsing: $0) }
        let rangeEnd = manifest.rangeEnd.flatMap { Timestamp(parsing: $0) }
        return try await context.transaction { session in
            try session.query(
                Self.statements["forget_begun"],
                manifest.source,
                rangeStart,
                rangeEnd,
                Int32(manifest.part),
                manifest.objectKey
            )
            return try session.query(
                Self.statements["begin"],
                manifest.source,
                manifest.objectKey,
                ArchiveKey.manifest(of: manifest.objectKey),
                manifest.rows,
                manifest.bytes,
                manifest.sha256,
                Int32(manifest.part),
                rangeStart,
                rangeEnd,
                manifest.rowDigest,
                manifest.rawBytes,
                manifest.isSealed,
                String(decoding: text, as: UTF8.self),
                SHA256Stream.hex(of: text),
                state
            )[0].get("id", as: String.self)
        }
    }

    /// Proves an object of an earlier run.
    private func finish(_ receipt: Receipt) async throws {
        let begun = try await context.read { session in
            try session.query(Self.statements["begun"], UUID(uuidString: receipt.id)).first.map { row in
                (manifest: try row.get("manifest", as: String.self), state: try row.get("state", as: String.self))
            }
        }
        guard let begun else { throw JobFailure("the archive '\(receipt.objectKey)' is no longer begun") }
        let manifest = try Manifest(parsing: Array(begun.manifest.utf8))
        let file = try? JSONDecoder().decode(Receipt.File.self, from: Data(begun.state.utf8))
        try await prove(receipt.id, manifest, file: file)
        context.count("objects_finished")
    }

    /// Stores the manifest, reads both back, and only then writes the receipt.
    private func prove(_ id: String, _ manifest: Manifest, file: Receipt.File?) async throws {
        let key = ArchiveKey.manifest(of: manifest.objectKey)
        let text = manifest.text
        try await context.checkpoint()
        guard try await store.putProven(key, text) else {
            throw ArchiveError(.damaged, "'\(key)' was read back and differs")
        }
        context.crashPoint("archive.described")
        let rowsProven = try await ObjectProof(manifest, opener: opener).check(in: store)
        context.crashPoint("archive.proven")
        try await writeReceipt(id, manifest, rowsProven: rowsProven, file: file)
        context.crashPoint("archive.receipt")
    }

    private func writeReceipt(_ id: String, _ manifest: Manifest, rowsProven: Bool, file: Receipt.File?) async throws {
        let details = ArchiveDetails(manifest, run: context.runID, rowsProven: rowsProven)
        try await context.transaction { session in
            guard try !session.query(Self.statements["verified"], UUID(uuidString: id), rowsProven).isEmpty else {
                throw JobFailure("the archive '\(manifest.objectKey)' is no longer begun")
            }
            if let file { try note(file, id, in: session) }
            _ = try AuditLog.append(
                AuditEvent(
                    tenant: nil,
                    actor: "cygni-log-archive",
                    action: "archive.verified",
                    subject: manifest.objectKey,
                    details: JSONText(details.json)
                ),
                in: session
            )
        }
    }

    func note(_ file: Receipt.File, _ archive: String, in session: Session) throws {
        let identity = file.identity
        try session.query(
            Self.statements["note_file"],
            UUID(uuidString: archive),
            file.host,
            identity.device,
            identity.inode,
            identity.size,
            Timestamp(microseconds: identity.modifiedAt),
            file.path,
            file.sha256
        )
    }

    private func dropStrays() async throws {
        for upload in try await store.strayUploads("", before: context.now - settings.strayAfter) {
            try await context.checkpoint()
            try await store.abort(upload)
            context.count("uploads_aborted")
        }
    }
}
