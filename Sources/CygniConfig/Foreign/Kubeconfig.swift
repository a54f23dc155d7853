package import CygniModel
import FoundationEssentials
import Yams

/// Who and where the current context of a kubectl file is (Kubernetes, Organizing Cluster Access Using kubeconfig Files).
package struct Kubeconfig: Sendable {
    package let server: String
    package let token: Secret?
    /// PEM.
    package let ca: String?
    package let certificate: String?
    package let key: Secret?

    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: ``Fault``, without a word of what the file holds.
    package init(file path: String) throws(Fault) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let file = try? YAMLDecoder().decode(File.self, from: text)
        else { throw Fault(description: "it can't be read as one") }
        guard let context = file.contexts.first(where: { $0.name == file.current })?.context,
            let cluster = file.clusters.first(where: { $0.name == context.cluster })?.cluster,
            let user = file.users.first(where: { $0.name == context.user })?.user
        else { throw Fault(description: "its current context has no cluster or no user") }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        func content(_ named: String?, _ data: String?) throws(Fault) -> String? {
            if let data {
                guard let bytes = Data(base64Encoded: data) else {
                    throw Fault(description: "a member that must be base64 is not")
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            guard let named else { return nil }
            // A relative one starts at the file's folder.
            let place = named.hasPrefix("/") ? named : folder + named
            guard let text = try? String(contentsOfFile: place, encoding: .utf8) else {
                throw Fault(description: "\(place) can't be read")
            }
            return text
        }
        let written = try content(user.tokenFile, nil)
        let token = user.token ?? written?.split(whereSeparator: \.isNewline).first.map { String($0) }
        certificate = try content(user.certificate, user.certificateData)
        guard token != nil || certificate != nil else {
            throw Fault(
                description: "its user has neither a token nor a client certificate; commands (exec) are not run"
            )
        }
        self.token = token.map { Secret($0) }
        server = cluster.server
        ca = try content(cluster.ca, cluster.caData)
        key = try content(user.key, user.keyData).map { Secret($0) }
    }
}

private struct File: Decodable {
    struct Cluster: Decodable {
        let server: String
        let ca, caData: String?
        enum CodingKeys: String, CodingKey {
            case server
            case ca = "certificate-authority"
            case caData = "certificate-authority-data"
        }
    }
    struct User: Decodable {
        let token, tokenFile: String?
        let certificate, certificateData, key, keyData: String?
        enum CodingKeys: String, CodingKey {
            case token, tokenFile
            case certificate = "client-certificate"
            case certificateData = "client-certificate-data"
            case key = "client-key"
            case keyData = "client-key-data"
        }
    }
    struct Context: Decodable {
        let cluster: String
        let user: String
    }
    struct NamedCluster: Decodable {
        let name: String
        let cluster: Cluster
    }
    struct NamedUser: Decodable {
        let name: String
        let user: User
    }
    struct NamedContext: Decodable {
        let name: String
        let context: Context
    }
    let clusters: [NamedCluster]
    let users: [NamedUser]
    let contexts: [NamedContext]
    let current: String
    enum CodingKeys: String, CodingKey {
        case clusters, users, contexts
        case current = "current-context"
    }
}
