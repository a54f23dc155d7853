import CygniJobs
package import CygniModel
import FoundationEssentials
import Glibc

/// A certificate that another tool keeps in a folder: certbot's `live/NAME/`, or lego's `certificates/NAME.crt`.
package struct ImportedCertificate: Hashable, Sendable {
    package let path: String
    package let names: [String]
    package let chain: String
    package let key: Secret
    package let facts: LeafFacts
}

/// Looks through a folder of certbot's or lego's.
enum ImportFolder {
    struct Found: Sendable {
        var certificates: [ImportedCertificate] = []
        /// What could not be taken, and why.
        var skipped: [PlannedItem] = []
    }

    /// - Throws: `JobFailure` for a folder that is neither's.
    static func read(_ folder: String) throws -> Found {
        var found = Found()
        let pairs: [(chain: String, key: String)]
        if let names = entries("\(folder)/live") {
            pairs = names.map { ("\(folder)/live/\($0)/fullchain.pem", "\(folder)/live/\($0)/privkey.pem") }
        } else if let files = entries("\(folder)/certificates") {
            pairs = files.filter { $0.hasSuffix(".crt") && !$0.hasSuffix(".issuer.crt") }.map { file in
                ("\(folder)/certificates/\(file)", "\(folder)/certificates/\(file.dropLast(4)).key")
            }
        } else {
            throw JobFailure(
                "'\(folder)' is no folder of certbot's (with live/ in it) nor of lego's (with certificates/)",
                status: .usage
            )
        }
        for (chain, key) in pairs.sorted(by: { $0.chain < $1.chain }) where access(chain, F_OK) == 0 {
            do {
                found.certificates.append(try certificate(chain, key))
            } catch {
                found.skipped.append(
                    PlannedItem(id: chain, action: "import", reason: "left out: \(Redacted.words(error))")
                )
            }
        }
        return found
    }

    private static func certificate(_ path: String, _ keyPath: String) throws -> ImportedCertificate {
        guard let chain = AtomicFile.read(path), let key = AtomicFile.read(keyPath) else {
            throw DeployFault("'\(keyPath)' can't be read")
        }
        let facts = try LeafFacts(pem: chain)
        guard let pair = try? CertificateKey(pem: key) else {
            throw DeployFault("'\(keyPath)' is no private key in PEM")
        }
        guard try pair.spki() == facts.spki else {
            throw DeployFault("'\(keyPath)' is not the key of the certificate")
        }
        guard !facts.names.isEmpty else { throw DeployFault("it is for no name") }
        return ImportedCertificate(path: path, names: facts.names, chain: chain, key: Secret(key), facts: facts)
    }

    private static func entries(_ folder: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
}
