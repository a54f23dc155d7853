package import CygniArchive
import CygniJobs
import CygniModel

/// The certificates and the key that the settings name.
package enum ArchiveKeys {
    /// What opens sealed archives.
    ///
    /// - Returns: nil where the settings name no key.
    /// - Throws: ``JobFailure`` with the file's name.
    package static func opener(_ settings: EncryptionSettings?) throws -> FrameOpener? {
        guard settings?.key != nil else { return nil }
        return try load(settings).1
    }

    /// - Throws: ``JobFailure`` with the file's name.
    static func load(_ settings: EncryptionSettings?) throws -> (FrameSeal?, FrameOpener?) {
        guard let settings else { return (nil, nil) }
        let texts = try settings.recipients.map { try text($0) }
        do {
            let seal = try FrameSeal(certificates: texts)
            return (seal, try settings.key.map { try FrameOpener(certificate: texts[0], key: $0) })
        } catch let error as ArchiveError {
            throw JobFailure("encryption: \(error)", status: .configuration)
        }
    }

    /// A small file's text.
    private static func text(_ path: String) throws -> String {
        guard let text = AtomicFile.read(path), !text.isEmpty else {
            throw JobFailure("encryption.recipients: '\(path)' cannot be read, or is empty", status: .configuration)
        }
        return text
    }
}
