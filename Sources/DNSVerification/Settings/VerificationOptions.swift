package import ArgumentParser
import CygniDNS

/// The flags of `cygni-dns-verify` beside the common ones.
package struct VerificationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Look at this domain, due or not; may be given again.", valueName: "name"))
    package var only: [String] = []

    @Flag(help: "Look at every domain, due or not.")
    package var all = false

    @Option(
        help: ArgumentHelp(
            "Say all that can be found out about a domain and what to change. Changes nothing.",
            valueName: "name"
        )
    )
    package var explain: String?

    @Option(
        help: ArgumentHelp("Say who would break if an address of the edge went. Changes nothing.", valueName: "address")
    )
    package var rehearseEdge: String?

    @Option(
        help: ArgumentHelp("Let so many domains leave service in this run, whatever the guard says.", valueName: "n")
    )
    package var allowFlips: Int?

    package init() {}

    /// It asks, and changes nothing.
    package var isQuestion: Bool { explain != nil || rehearseEdge != nil }

    package func validate() throws {
        let ways = [!only.isEmpty, all, explain != nil, rehearseEdge != nil].count { $0 }
        guard ways <= 1 else {
            throw ValidationError("--only, --all, --explain and --rehearse-edge do not go together")
        }
        if let allowFlips, allowFlips < 0 {
            throw ValidationError("--allow-flips must be 0 or more (found \(allowFlips))")
        }
        _ = try request
    }

    package var request: DNSVerificationJob.Request {
        get throws {
            if let explain { return .explain(explain) }
            if let rehearseEdge {
                guard let address = ServerAddress(rehearseEdge) else {
                    throw ValidationError("--rehearse-edge must be an address (found '\(rehearseEdge)')")
                }
                return .rehearse(address)
            }
            guard !only.isEmpty else { return all ? .all : .due }
            return .only(
                try only.map { text in
                    do throws(HostName.Fault) {
                        return try HostName(text).description
                    } catch {
                        throw ValidationError("--only '\(text)': \(error.words)")
                    }
                }
            )
        }
    }
}
