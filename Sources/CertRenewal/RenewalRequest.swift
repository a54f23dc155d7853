import CygniJobs
import CygniModel

/// What a run is asked for.
package enum RenewalRequest: Hashable, Sendable {
    case due
    /// These names, due or not.
    case only([String])
    /// Only whether the edge shows what it should, for all certificates.
    case probe
    /// Who is renewed when, and what waits. - Parameter lifetime: what if all certificates had this one.
    case plan(lifetime: Duration?)
    case show(String)
    case replace(ReplacementFilter, reason: String)
    case revoke(String, RevocationReason, replaces: Bool)
    case importing(folder: String)
    case export(String, folder: String)
    case changeAccountKey(authority: String)
    /// All secrets under the current key-encryption key.
    case rewrap

    /// It asks, and changes nothing.
    package var isQuestion: Bool {
        switch self {
        case .plan, .show: true
        default: false
        }
    }

    /// The answer to a question; nil for work.
    func answer(_ settings: RenewalSettings, _ book: CertificateBook) async throws -> PlanAnswer? {
        switch self {
        case .plan(let lifetime): try await RenewalOutlook.answer(lifetime, settings, book)
        case .show(let name): try await CertificateStory.answer(name, book)
        default: nil
        }
    }
}
