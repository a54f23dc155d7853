import CygniACME
import CygniModel

/// One name to validate, and how.
struct ChallengeTask: Sendable {
    let name: CertificateName
    let kind: ACMEChallenge.Kind
    let challenge: ACMEChallenge
    /// Harmless as a part of a path.
    let token: String
    /// RFC 8555, section 8.1.
    let keyAuthorization: String
    /// What a TXT record is to hold (section 8.4).
    let dnsValue: String
}

/// Puts what a CA looks for where it looks.
protocol ChallengeResponder: Sendable {
    /// How long after ``present(_:)`` the CA may be told.
    var settle: Duration { get }
    /// - Throws: what a person can act on.
    func present(_ task: ChallengeTask) async throws
    /// Takes it away again; what fails here is only said.
    func withdraw(_ task: ChallengeTask) async throws
}

extension ChallengeResponder {
    var settle: Duration { .zero }
}

/// Why no challenge can be answered.
struct ChallengeFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
