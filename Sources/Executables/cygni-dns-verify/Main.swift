import ArgumentParser
import CygniCommand
import DNSVerification

@main
struct Main: JobCommand {
    static let abstract = "Looks at custom domains: who they belong to, where they lead, what to change."
    static let examples: [(line: String, effect: String)] = [
        ("cygni-dns-verify --only www.shop.example", "look at one domain now"),
        ("cygni-dns-verify --explain www.shop.example", "what each server says of it, and the one record to change"),
        ("cygni-dns-verify --rehearse-edge 203.0.113.10", "who would break if that address went; status 3 if anybody"),
    ]

    static func isDryRun(_ options: VerificationOptions) -> Bool { options.isQuestion }

    static func makeJob(_ settings: VerificationSettings, _ options: VerificationOptions) throws -> DNSVerificationJob {
        DNSVerificationJob(settings: settings, request: try options.request, allowedFlips: options.allowFlips)
    }
}
