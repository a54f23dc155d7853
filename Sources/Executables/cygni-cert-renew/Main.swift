import ArgumentParser
import CertRenewal
import CygniCommand
import CygniConfig

@main
struct Main: JobCommand {
    static let abstract = "Gets TLS certificates, renews them in time, deploys them and proves that they are served."
    static let examples: [(line: String, effect: String)] = [
        ("cygni-cert-renew --budget 10m", "renew what is due; begin nothing later than 10 minutes from now"),
        ("cygni-cert-renew plan --what-if lifetime=45d", "who is renewed when, if all certificates lasted 45 days"),
        ("cygni-cert-renew show www.shop.example", "how one certificate stands, and why"),
        ("cygni-cert-renew --probe", "look whether the edge shows what it should"),
    ]

    static func isDryRun(_ options: RenewalOptions) -> Bool { options.isQuestion }

    static func makeJob(_ settings: RenewalSettings, _ shared: SharedSettings, _ options: RenewalOptions) throws
        -> CertRenewalJob
    {
        CertRenewalJob(
            settings: settings,
            encryption: shared.encryption,
            request: try options.request,
            budget: options.budgetTime,
            ignoresPreflight: options.ignorePreflight
        )
    }
}
