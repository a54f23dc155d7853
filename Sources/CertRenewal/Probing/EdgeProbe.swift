import CygniDNS
import CygniModel
import CygniTLS
import Crypto
import Dispatch

/// Looks whether the edge shows a certificate: a TLS handshake with each of its addresses, as a browser would.
struct EdgeProbe: Sendable {
    private let addresses: [ServerAddress]
    private let milliseconds: Int32
    private static let queue = DispatchQueue(label: "edge-probe", attributes: .concurrent)

    init(_ settings: ServingSection) {
        addresses = settings.addresses.compactMap { ServerAddress($0) }.compactMap {
            ServerAddress($0.bytes, port: UInt16(settings.port))
        }
        milliseconds = Int32(clamping: settings.timeout.microseconds / 1000)
    }

    var isEmpty: Bool { addresses.isEmpty }

    /// What one address showed.
    struct Sight: Hashable, Sendable {
        let address: String
        let name: String
        /// SHA-256 of the leaf, hexadecimal; nil: none.
        let fingerprint: String?
        let fault: String?
    }

    struct Result: Hashable, Sendable {
        let served: Int
        let edges: Int
        /// Addresses that showed something else, and what.
        let others: [Sight]
    }

    func look(_ names: [String], fingerprint: String) async -> Result {
        let asked = names.prefix(5).compactMap(Self.serverName)
        let sights = await withTaskGroup(of: [Sight].self) { group in
            for address in addresses {
                group.addTask {
                    var sights: [Sight] = []
                    for name in asked { sights.append(await sight(of: name, at: address)) }
                    return sights
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let served = sights.count { $0.allSatisfy { $0.fingerprint == fingerprint } }
        return Result(
            served: served,
            edges: addresses.count,
            others: sights.flatMap { $0.filter { $0.fingerprint != fingerprint } }.sorted { $0.address < $1.address }
        )
    }

    /// A name that the certificate is for; of a wildcard one that hardly anybody has.
    private static func serverName(_ name: String) -> String? {
        switch CertificateName(name) {
        case .host(let host): host
        case .wildcard(let base): "cygni-probe.\(base)"
        case .address: ""
        }
    }

    private func sight(of name: String, at address: ServerAddress) async -> Sight {
        let milliseconds = milliseconds
        return await withCheckedContinuation { continuation in
            Self.queue.async {
                let sight = address.withSockaddr { pointer, length -> Sight in
                    do throws(ShownChain.Fault) {
                        let chain = try ShownChain(
                            at: pointer,
                            length,
                            name: name.isEmpty ? nil : name,
                            milliseconds: milliseconds
                        )
                        let digest = SHA256.hash(data: chain.leaf).hex
                        return Sight(address: "\(address)", name: name, fingerprint: digest, fault: nil)
                    } catch {
                        return Sight(address: "\(address)", name: name, fingerprint: nil, fault: error.description)
                    }
                }
                continuation.resume(returning: sight)
            }
        }
    }
}
