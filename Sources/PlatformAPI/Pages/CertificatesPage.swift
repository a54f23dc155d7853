import CygniAccess
import CygniModel
import CygniPostgres

/// The certificates of all tenants, what fails first, then what ends first.
enum CertificatesPage {
    struct CertificateView: Sendable {
        let names: String
        let tenant: String
        let state: StateView
        let reason: String?
        let ends: TimeView?
        let share: ShareView?
        let renewal: TimeView?
        let authority: String?
        let edges: String?
        let failures: String?
        let problem: String?
        let cursor: Cursor

        init(_ row: Row, now: Timestamp) throws {
            names = try row.get("domain_names", as: [String].self).joined(separator: ", ")
            tenant = try row.get("tenant", as: String?.self) ?? "the platform's"
            let failed = Int(try row.get("failures", as: Int32.self))
            state = StateView.ofCertificate(try row.get("state"), failures: failed)
            reason = try row.get("reason", as: String?.self).flatMap { $0 == "ok" ? nil : $0.replacing("_", with: " ") }
            let notAfter = try row.get("not_after", as: Timestamp?.self)
            ends = TimeView(notAfter, now: now)
            share = try row.get("not_before", as: Timestamp?.self).flatMap { start in
                notAfter.map { ShareView(from: start, to: $0, now: now) }
            }
            renewal = TimeView(
                try row.get("next_attempt_at", as: Timestamp?.self) ?? row.get("window_start", as: Timestamp?.self),
                now: now
            )
            authority = try row.get("authority", as: String?.self) ?? row.get("issuer", as: String?.self)
            let all = try row.get("edges", as: Int32?.self)
            edges = try row.get("served", as: Int32?.self).flatMap { served in all.map { "\(served) of \($0)" } }
            failures = failed > 0 ? "\(failed)" : nil
            problem = try row.get("problem", as: String?.self).flatMap { text in
                let json = try JSONInput(parsing: text)
                return json["detail"]?.text ?? json["type"]?.text ?? json.shown
            }
            let rank = try row.get("rank", as: Int32.self)
            let sorted = try row.get("sorted_by", as: Timestamp.self)
            cursor = Cursor(time: sorted, id: "\(rank) \(try row.get("id", as: String.self))")
        }
    }

    private struct Content: Sendable {
        let certificates: [CertificateView]
        let nextHref: String?
    }

    static let route = PageRoute.get("/certificates", .platform(.platformRead)) { call in
        let now = call.now
        let cursor = try call.cursor("/certificates", [])
        let words = cursor?.id.split(separator: " ").map(String.init) ?? []
        let rows = try await call.server.database.platform(isReading: true) { session in
            try session.query(
                ServerStatements.pages["certificates"],
                words.first.flatMap { Int32($0) } ?? -1,
                cursor?.time ?? Timestamp(microseconds: 0),
                words.last ?? "00000000-0000-0000-0000-000000000000",
                ListPart<CertificateView>.size + 1
            ).map { try CertificateView($0, now: now) }
        }
        let part = ListPart(rows, cursor: \.cursor)
        let bad = part.items.count { $0.state.tone == StateView.Tone.bad.rawValue }
        return .page(
            PageView(
                template: "certificates",
                title: bad == 0 ? "Certificates" : "\(bad) certificates failing",
                content: Content(certificates: part.items, nextHref: call.next("/certificates", [], part.last))
            )
        )
    }
}
