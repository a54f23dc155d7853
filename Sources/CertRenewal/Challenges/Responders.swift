import CygniACME
import CygniDNS
import CygniJobs
import CygniModel

/// The ways to validate that the settings allow, and who answers each.
struct Responders: Sendable {
    private let order: [ACMEChallenge.Kind]
    private let byKind: [ACMEChallenge.Kind: [any ChallengeResponder]]

    init(_ settings: RenewalSettings, _ context: JobContext, _ resolver: Resolver?) throws {
        order = settings.challenges.compactMap(ACMEChallenge.Kind.init)
        var byKind: [ACMEChallenge.Kind: [any ChallengeResponder]] = [:]
        if order.contains(.http) {
            var http: [any ChallengeResponder] = []
            if settings.http.database { http.append(DatabaseTokens(context: context)) }
            if let folder = settings.http.webroot { http.append(Webroot(folder: folder)) }
            if let address = settings.http.listen.flatMap({ ServerAddress($0) }) {
                http.append(try HTTPListener(address))
            }
            if !http.isEmpty { byKind[.http] = http }
        }
        if order.contains(.dns) {
            if !settings.dns.hook.isEmpty {
                byKind[.dns] = [DNSHook(settings.dns, resolver)]
            } else if let client = try settings.dns.updates.client() {
                byKind[.dns] = [DNSUpdates(settings.dns, client, resolver, RunTime(context))]
            }
        }
        if order.contains(.tlsALPN), let address = settings.tlsALPN.listen.flatMap({ ServerAddress($0) }) {
            byKind[.tlsALPN] = [try TLSListener(address)]
        }
        self.byKind = byKind
    }

    func responders(_ kind: ACMEChallenge.Kind) -> [any ChallengeResponder] { byKind[kind] ?? [] }

    /// The way that a name is to be validated; nil when there is none.
    ///
    /// A wildcard takes dns-01 alone (RFC 8555, section 8; CA/Browser Forum), an address anything else (RFC 8738, section 7).
    func kind(for name: CertificateName) -> ACMEChallenge.Kind? {
        order.first { kind in
            guard byKind[kind] != nil else { return false }
            switch name {
            case .host: return true
            case .wildcard: return kind == .dns
            case .address: return kind != .dns
            }
        }
    }
}
