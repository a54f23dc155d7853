import CygniArchive
import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials

extension ArchiveSteps {
    /// Archives a rotated file, then does with it what the settings say.
    func archive(_ fact: FileFact) async throws {
        guard let rules = settings.files[fact.settings] else { return }
        context.crashPoint("archive.before-file")
        let file = try OpenFile(fact.path, expecting: fact.identity)
        if try await file.hasWriter() { throw JobFailure("'\(fact.path)' is still open for writing in some process") }
        let writer = try makeWriter(isInline: true)
        var (manifest, sha256) = try await BlockingWork.run { checkCancellation in
            try read(file, fact, rules, into: writer, checkCancellation)
        }
        try file.expect(fact.identity)
        manifest.objectKey = ArchiveKey.file(fact, host: context.host, manifest, prefix: settings.prefix)
        let note = Receipt.File(host: context.host, path: fact.path, identity: fact.identity, sha256: sha256)
        context.crashPoint("archive.file-read")
        if let archive = try await archived(manifest) {
            // The same content under another name, or packed since.
            try await context.transaction { session in try self.note(note, archive, in: session) }
            context.count("files_known")
        } else {
            _ = try await store(manifest, writer.spool, state: note.json, file: note)
            context.count("files_archived")
        }
        try await dispose(file, fact, rules, sha256: sha256)
    }

    /// The verified archive under a manifest's key; nil: there is none.
    private func archived(_ manifest: Manifest) async throws -> String? {
        try await context.read { session in
            let found = try session.query(Self.statements["existing"], manifest.objectKey).first
            guard let found, try found.get("is_verified") else { return nil }
            return try found.get("id", as: String.self)
        }
    }

    private func read(
        _ file: OpenFile,
        _ fact: FileFact,
        _ rules: FileSettings,
        into writer: ObjectWriter,
        _ checkCancellation: () throws -> Void
    ) throws -> (Manifest, sha256: String) {
        var filler = FrameFiller(writer, size: Int(settings.frameSize.bytes))
        var encoder = LineEncoder(rules.format)
        let (encoding, size, sha256) = try FileDecoding(file: file).read { piece in
            try checkCancellation()
            try encoder.add(piece, to: &filler)
        }
        try encoder.finish(&filler)
        try filler.flush()
        guard size == fact.identity.size else {
            throw JobFailure("'\(fact.path)' had \(fact.identity.size) bytes, and \(size) when it was read")
        }
        var manifest = Manifest(source: "\(fact.settings)/\(FileStem.of(fact.path))@\(context.host)")
        var described = Manifest.File(
            host: context.host,
            path: fact.path,
            size: size,
            sha256: sha256,
            modifiedAt: Timestamp(microseconds: fact.identity.modifiedAt).rfc3339,
            encoding: encoding.rawValue
        )
        described.endsInNewline = encoder.endsInNewline
        manifest.file = described
        try writer.finish(&manifest)
        guard manifest.rows == encoder.rows else {
            throw JobFailure("\(encoder.rows) lines of '\(fact.path)' were read and \(manifest.rows) written")
        }
        return (manifest, sha256)
    }

    /// Does with a file that was archived before what the settings say now.
    func dispose(_ fact: FileFact, _ archive: String) async throws {
        guard let rules = settings.files[fact.settings] else { return }
        let identity = fact.identity
        let sha256 = try await context.read { session -> String? in
            let found = try session.query(
                Self.statements["known_file"],
                context.host,
                identity.device,
                identity.inode,
                identity.size,
                Timestamp(microseconds: identity.modifiedAt)
            ).first
            guard let found, try found.get("is_verified") else { return nil }
            return try found.get("sha256", as: String.self)
        }
        guard let sha256 else { throw JobFailure("'\(fact.path)' has no receipt, and stays") }
        try await dispose(OpenFile(fact.path, expecting: identity), fact, rules, sha256: sha256)
    }

    private func dispose(_ file: OpenFile, _ fact: FileFact, _ rules: FileSettings, sha256: String) async throws {
        guard rules.after != .keep else { return }
        context.crashPoint("archive.before-removal")
        try await context.checkpoint()
        let disposal = FileDisposal(after: rules.after, moveTo: rules.moveTo) { context.crashPoint("archive.aside") }
        guard try await disposal.apply(to: file, fact.identity, sha256: sha256) else {
            return context.count("files_left")
        }
        context.crashPoint("archive.removed")
        context.count("files_gone")
        let (host, identity) = (context.host, fact.identity)
        try await context.transaction { session in
            _ = try session.query(
                Self.statements["file_gone"],
                host,
                identity.device,
                identity.inode,
                identity.size,
                Timestamp(microseconds: identity.modifiedAt)
            )
        }
    }
}
