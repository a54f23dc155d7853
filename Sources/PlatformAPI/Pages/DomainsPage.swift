import CygniAccess
import CygniDNS
import CygniModel
import CygniPostgres
import DNSVerification

/// The domains of all tenants, what fails first, with the records to set.
enum DomainsPage {
    private static let states = ["failing", "quarantined", "pending", "verified"]

    struct DomainView: Sendable {
        let domainName: String
        let tenant: String
        let state: StateView
        let reason: String?
        let since: TimeView
        let nextLook: TimeView?
        let fix: String?
        let concerns: String?
        let recordName: String?
        let recordValue: String?
        let cursor: Cursor

        init(_ row: Row, now: Timestamp) throws {
            domainName = try row.get("name")
            tenant = try row.get("tenant")
            let word = try row.get("state", as: String.self)
            state = StateView.ofDomain(word)
            let code = try row.get("reason", as: String?.self) ?? "not looked at yet"
            reason = code == "ok" ? nil : code.replacing("_", with: " ")
            since = TimeView(try row.get("state_since", as: Timestamp.self), now: now)
            nextLook = TimeView(try row.get("next_check_at", as: Timestamp?.self), now: now)
            fix = try row.get("fix", as: String?.self)
            concerns = try row.get("concerns", as: String?.self)?.replacing("_", with: " ")
            let claim = try? Claim(
                name: domainName,
                coversSubdomains: row.get("scope", as: String.self) == "domain",
                token: row.get("verification_token")
            )
            recordName = word == "verified" ? nil : claim.map { "\($0.challenge)" }
            recordValue = word == "verified" ? nil : claim?.token
            let rank = try row.get("rank", as: Int32.self)
            cursor = Cursor(
                time: Timestamp(microseconds: Int64(rank)),
                id: "\(try row.get("id", as: String.self)) \(domainName)"
            )
        }
    }

    private struct Content: Sendable {
        let domains: [DomainView]
        let stateOptions: [OptionView]
        let namePrefix: String
        let nextHref: String?
        let isFiltered: Bool
    }

    static let route = PageRoute.get("/domains", .platform(.platformRead)) { call in
        let state = call.query("state", of: states)
        let prefix = call.query("name")?.lowercased()
        let now = call.now
        let cursor = try call.cursor("/domains", [state, prefix])
        // The last domain shown, as rank, name, id.
        let words = cursor?.id.split(separator: " ", maxSplits: 1).map(String.init) ?? []
        let rows = try await call.server.database.platform(isReading: true) { session in
            try session.query(
                ServerStatements.pages["domains"],
                Int32(cursor?.time.microseconds ?? -1),
                words.last ?? "",
                words.first ?? "00000000-0000-0000-0000-000000000000",
                state,
                prefix,
                ListPart<DomainView>.size + 1
            ).map { try DomainView($0, now: now) }
        }
        let part = ListPart(rows, cursor: \.cursor)
        return .page(
            PageView(
                template: "domains",
                title: state.map { "Domains, \($0)" } ?? "Domains",
                content: Content(
                    domains: part.items,
                    stateOptions: PageCall.options(states, chosen: state),
                    namePrefix: prefix ?? "",
                    nextHref: call.next("/domains", [("state", state), ("name", prefix)], part.last),
                    isFiltered: state != nil || prefix != nil
                )
            )
        )
    }
}
