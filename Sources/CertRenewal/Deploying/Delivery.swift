import CygniModel

/// A certificate on its way to who serves it. Its key is nowhere described.
struct Delivery: Sendable, CustomStringConvertible {
    let names: [String]
    let leaf: String
    let intermediates: String
    let key: Secret
    let fingerprint: String
    let notAfter: Timestamp

    var description: String { "the certificate of \(names.first ?? "")" }

    /// As a folder or a Secret may be called: certbot's name, with `_` for the star as lego has it.
    ///
    /// - Throws: ``DeployFault`` for a name that could be another path.
    func safeName() throws(DeployFault) -> String {
        let name = (names.first ?? "").replacing("*", with: "_")
        let isSafe =
            !name.isEmpty && !name.hasPrefix(".") && name.utf8.count < 254
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x3A).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
            }
        guard isSafe else { throw DeployFault("'\(names.first ?? "")' is no name that a file may have") }
        return name
    }
}

/// Why a certificate did not get to where it is served.
struct DeployFault: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A place that certificates go to.
protocol Deployer: Sendable {
    /// - Throws: ``DeployFault``, or what else a person can act on.
    func deploy(_ delivery: Delivery) async throws
}
