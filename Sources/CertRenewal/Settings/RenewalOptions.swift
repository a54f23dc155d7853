package import ArgumentParser
import CygniModel
import FoundationEssentials

/// The words and flags of `cygni-cert-renew` beside the common ones.
package struct RenewalOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            plan: who is renewed when, and what waits. show NAME: how one certificate stands. export NAME: its files, with \
            --to. import FOLDER: take over certbot's or lego's. replace: renew all that an incident is about. revoke NAME. \
            change-account-key CA. rewrap: all secrets under the current key-encryption key. Without a word: renew what is due.
            """,
            valueName: "word"
        )
    )
    package var words: [String] = []

    @Option(help: ArgumentHelp("Renew the certificate for this name now; may be given again.", valueName: "name"))
    package var only: [String] = []

    @Flag(help: "Only look whether the edge shows what it should, for all certificates.")
    package var probe = false

    @Option(help: ArgumentHelp("Begin nothing later than so long after the start.", valueName: "duration"))
    package var budget: String?

    @Flag(help: "Ask the CA whatever a look at DNS finds.")
    package var ignorePreflight = false

    @Option(help: ArgumentHelp("With plan: simulate, as in lifetime=45d.", valueName: "key=value"))
    package var whatIf: String?

    @Option(help: ArgumentHelp("With export: the folder for the files.", valueName: "folder"))
    package var to: String?

    @Option(help: ArgumentHelp("With replace: certificates of this issuer, by its common name.", valueName: "name"))
    package var issuer: String?

    @Option(
        help: ArgumentHelp(
            "With replace: certificates for this public key (SHA-256, hexadecimal), or kind of key.",
            valueName: "key"
        )
    )
    package var key: String?

    @Option(help: ArgumentHelp("With replace: certificates issued then, FROM..TO in RFC 3339.", valueName: "times"))
    package var issuedBetween: String?

    @Flag(help: "With replace: certificates whose window the CA moved into the past.")
    package var ariPulled = false

    @Option(help: ArgumentHelp("With replace: expiry or traffic comes first.", valueName: "order"))
    package var by = "expiry"

    @Option(
        help: ArgumentHelp("With replace: why, for the records. With revoke: a reason of RFC 5280.", valueName: "text")
    )
    package var reason: String?

    @Flag(help: "With revoke: get another one at once.")
    package var andReplace = false

    package init() {}

    package var isQuestion: Bool { (try? request)?.isQuestion ?? false }

    package var budgetTime: Duration? { budget.flatMap { Duration(parsing: $0) } }

    package func validate() throws {
        if let budget, Duration(parsing: budget) == nil {
            throw ValidationError("--budget must be a duration such as 10m (found '\(budget)')")
        }
        _ = try request
    }

    package var request: RenewalRequest {
        get throws {
            let ways = [!words.isEmpty, !only.isEmpty, probe].count { $0 }
            guard ways <= 1 else { throw ValidationError("a word, --only and --probe do not go together") }
            guard whatIf == nil || words.first == "plan" else { throw ValidationError("--what-if goes with plan") }
            if probe { return .probe }
            guard let word = words.first else { return only.isEmpty ? .due : .only(only.map { $0.lowercased() }) }
            switch (word, words.count) {
            case ("plan", 1): return .plan(lifetime: try lifetime())
            case ("show", 2): return .show(words[1].lowercased())
            case ("export", 2):
                guard let to else { throw ValidationError("export takes --to FOLDER: a key is never printed") }
                return .export(words[1].lowercased(), folder: to)
            case ("import", 2): return .importing(folder: words[1])
            case ("revoke", 2): return .revoke(words[1].lowercased(), try revocation(), replaces: andReplace)
            case ("change-account-key", 2): return .changeAccountKey(authority: words[1])
            case ("rewrap", 1): return .rewrap
            case ("replace", 1): return .replace(try filter(), reason: reason ?? "an operator asked")
            case ("show", _), ("export", _), ("import", _), ("revoke", _), ("change-account-key", _):
                throw ValidationError("\(word) takes one name")
            default: throw ValidationError("'\(words.joined(separator: " "))' is no word of this command: see --help")
            }
        }
    }

    private func revocation() throws -> RevocationReason {
        guard let reason else { return .unspecified }
        guard let found = RevocationReason(rawValue: reason) else {
            let words = RevocationReason.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--reason must be one of \(words) (found '\(reason)')")
        }
        return found
    }

    private func filter() throws -> ReplacementFilter {
        var filter = ReplacementFilter()
        (filter.issuer, filter.key, filter.pulled) = (issuer, key, ariPulled)
        guard ["expiry", "traffic"].contains(by) else {
            throw ValidationError("--by must be expiry or traffic (found '\(by)')")
        }
        filter.byTraffic = by == "traffic"
        if let issuedBetween {
            let ends = issuedBetween.components(separatedBy: "..").map { Timestamp(parsing: $0) }
            guard ends.count == 2, let from = ends[0], let until = ends[1], from < until else {
                throw ValidationError(
                    "--issued-between takes FROM..TO, two times of RFC 3339 (found '\(issuedBetween)')"
                )
            }
            (filter.from, filter.until) = (from, until)
        }
        guard !filter.isEmpty else {
            throw ValidationError("replace takes at least one of --issuer, --key, --issued-between and --ari-pulled")
        }
        return filter
    }

    private func lifetime() throws -> Duration? {
        guard let whatIf else { return nil }
        let parts = whatIf.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0] == "lifetime", let lifetime = Duration(parsing: parts[1]), lifetime > .zero
        else {
            throw ValidationError("--what-if takes lifetime=DURATION, as in lifetime=45d (found '\(whatIf)')")
        }
        return lifetime
    }
}
