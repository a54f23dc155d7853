import ArgumentParser
import CygniArchive
import CygniCommand
import CygniConfig
import CygniJobs
import CygniLog
import CygniModel
import CygniObjectStore
import CygniPostgres
import JobBook
import LogArchive

/// The flags of every command that opens archives.
struct ArchiveAccess: ParsableArguments {
    @OptionGroup var database: DatabaseOptions

    @Option(
        help: ArgumentHelp(
            "The private key that opens sealed archives, PEM (default: encryption.key of jobs/log-archive.yaml).",
            valueName: "file"
        )
    )
    var key: String?

    @Option(
        help: ArgumentHelp(
            "The certificate of that key, PEM (default: the first of encryption.recipients).",
            valueName: "file"
        )
    )
    var certificate: String?

    /// The store and what opens sealed frames.
    func open(_ surroundings: Surroundings) throws -> (
        store: any ObjectStore, reader: ArchiveReader, opener: FrameOpener?
    ) {
        let (store, settings) = try read(surroundings)
        let opener = try opener(settings.encryption)
        return (store, ArchiveReader(store, opener: opener), opener)
    }

    /// What makes archives anew.
    func erasure(_ surroundings: Surroundings) throws -> ArchiveErasure {
        let (store, settings) = try read(surroundings)
        let opener = try opener(settings.encryption)
        let seal = try settings.encryption.map { try FrameSeal(certificates: $0.recipients.map(text)) }
        let reader = ArchiveReader(store, opener: opener)
        return ArchiveErasure(store: store, reader: reader, opener: opener, seal: seal, settings: settings)
    }

    private func read(_ surroundings: Surroundings) throws -> (any ObjectStore, ArchiveSettings) {
        let environment = surroundings.environment
        let files = ConfigFiles(shared: database.config.path(environment), environment: environment)
        let shared = try ConfigLoader.load(SharedSettings.self, file: files.shared, environment: environment).settings
        return (try shared.objectStore.open(now: { .wallClock() }), try files.archiveSettings())
    }

    private func opener(_ encryption: EncryptionSettings?) throws -> FrameOpener? {
        let secret = try key.map { Secret(try text($0)) } ?? encryption?.key
        guard let secret else { return nil }
        guard let file = certificate ?? encryption?.recipients.first else {
            throw ToolError("--key needs --certificate: the certificate that archives were sealed for")
        }
        do {
            return try FrameOpener(certificate: text(file), key: secret)
        } catch let error as ArchiveError {
            throw ToolError("\(error)")
        }
    }

    private func text(_ path: String) throws -> String {
        guard let text = AtomicFile.read(path) else { throw ToolError("'\(path)' cannot be read") }
        return text
    }
}

/// A failure of a command on archives, with its exit status.
func ToolError(_ text: String, status: ExitStatus = .configuration) -> JobFailure {
    JobFailure(text, status: status)
}
