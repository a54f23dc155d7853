import CygniModel

/// Who is renewed when, as far as a year ahead, from rows, settings and the time alone.
struct Forecast: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let name: String
        let tenant: String?
        let at: Timestamp
        let state: String
        let authority: String?
        let ends: Timestamp?
        /// At so many edge addresses of so many.
        let served: String?
        let why: String
    }

    /// When the orders that a limit counts would use it up.
    struct Bite: Hashable, Sendable {
        let authority: String
        let bucket: String
        let at: Timestamp
        let rate: Rate
    }

    let entries: [Entry]
    let bites: [Bite]
    /// Renewals a day, on average.
    let perDay: Double
    let lifetime: Duration?

    init(_ rows: [CertificateRow], _ settings: RenewalSettings, now: Timestamp, lifetime: Duration?) {
        self.lifetime = lifetime
        entries = rows.map { Self.entry($0, now, lifetime) }.sorted { ($0.at, $0.name) < ($1.at, $1.name) }
        bites =
            settings.order.first.flatMap { name in
                settings.authorities[name].map { Self.bites(rows, name, $0, now: now, lifetime: lifetime) }
            } ?? []
        perDay = rows.reduce(0) { sum, row in
            let whole = lifetime ?? row.validity?.lifetime ?? .days(90)
            let left = whole < .days(10) ? 0.5 : 2.0 / 3
            return sum + 86_400 / max(1, whole.inSeconds * left)
        }
    }

    private static func entry(_ row: CertificateRow, _ now: Timestamp, _ lifetime: Duration?) -> Entry {
        let at = moment(row, now, lifetime)
        let why: String
        if row.isQuarantined {
            why = "quarantined after \(row.failures) failures: \(row.reason ?? "")"
        } else if row.failures > 0 {
            why = "try \(row.failures + 1): \(row.reason ?? "")"
        } else if let reason = row.reason, reason != "ok", !row.isIssued || at <= now {
            why = reason
        } else if row.replaceReason != nil {
            why = "replacement was asked for"
        } else if row.validity == nil {
            why = "it has none yet"
        } else {
            why = lifetime != nil ? "simulated" : row.window == nil ? "its lifetime" : "the CA's window"
        }
        let served = row.served.flatMap { served in row.edges.map { "\(served) of \($0)" } }
        return Entry(
            name: row.name,
            tenant: row.tenantSlug,
            at: at,
            state: row.state,
            authority: row.authority,
            ends: row.validity?.notAfter,
            served: served,
            why: why
        )
    }

    private static func moment(_ row: CertificateRow, _ now: Timestamp, _ lifetime: Duration?) -> Timestamp {
        guard let validity = row.validity else { return max(now, row.nextAttemptAt ?? now) }
        if let lifetime {
            // As it would be, had it been issued when it was.
            let simulated = Validity(notBefore: validity.notBefore, notAfter: validity.notBefore + lifetime)
            return max(now, simulated.renewal)
        }
        return max(now, row.nextAttemptAt ?? validity.renewal)
    }

    /// First certificates and renewals without ARI are what limits count; each bucket is emptied in the order of the plan.
    private static func bites(
        _ rows: [CertificateRow],
        _ authority: String,
        _ section: AuthoritySection,
        now: Timestamp,
        lifetime: Duration?
    ) -> [Bite] {
        var buckets: [String: TokenBucket] = [:]
        var bites: [String: Bite] = [:]
        for row in rows.sorted(by: { moment($0, now, lifetime) < moment($1, now, lifetime) }) where row.ariID == nil {
            let at = moment(row, now, lifetime)
            let claims = QuotaClaim.claims(
                row.isIssued ? .renewal : .first(isNewTenant: true),
                names: row.names,
                registered: Set(row.names.map { CertificateName($0).registered }).sorted(),
                section,
                headroom: 0
            )
            for claim in claims where claim.takes && bites[claim.bucket] == nil {
                let bucket = buckets[claim.bucket] ?? TokenBucket(claim.rate, at: now)
                if bucket.wait(at: at, reserve: 0) > .zero {
                    bites[claim.bucket] = Bite(authority: authority, bucket: claim.bucket, at: at, rate: claim.rate)
                } else {
                    buckets[claim.bucket] = bucket.taking(at: at)
                }
            }
        }
        return bites.values.sorted { ($0.at, $0.bucket) < ($1.at, $1.bucket) }
    }

    var text: String {
        var lines = ["\(entries.count) certificates, about \(Int(perDay.rounded(.up))) renewals a day"]
        if let lifetime { lines[0] += ", if each lasted \(lifetime.text)" }
        for bite in bites.prefix(20) {
            lines.append(
                "the limit \(bite.bucket) of \(bite.authority), \(bite.rate.text), would bite at \(bite.at.rfc3339)"
            )
        }
        if bites.isEmpty { lines.append("no limit bites") }
        guard !entries.isEmpty else { return lines.joined(separator: "\n") }
        let rows =
            [["renewed", "name", "tenant", "state", "CA", "ends", "served", "why"]]
            + entries.prefix(1000).map { entry in
                [
                    Self.minute(entry.at), entry.name, entry.tenant ?? "-", entry.state, entry.authority ?? "-",
                    entry.ends.map(Self.minute) ?? "-", entry.served ?? "-", entry.why,
                ]
            }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        lines += rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
                .trimmedEnd
        }
        return lines.joined(separator: "\n")
    }

    /// 2026-11-24T03:52Z
    private static func minute(_ at: Timestamp) -> String { at.rfc3339.prefix(16) + "Z" }

    var json: JSONValue {
        .object([
            ("certificates", .integer(entries.count)), ("renewals_per_day", .number(perDay)),
            (
                "limits",
                .array(
                    bites.map { bite in
                        .object([
                            ("authority", .string(bite.authority)), ("bucket", .string(bite.bucket)),
                            ("rate", .string(bite.rate.text)), ("at", .string(bite.at.rfc3339)),
                        ])
                    }
                )
            ),
            (
                "renewals",
                .array(
                    entries.prefix(1000).map { entry in
                        .object([
                            ("name", .string(entry.name)), ("tenant", .optional(entry.tenant)),
                            ("at", .string(entry.at.rfc3339)), ("state", .string(entry.state)),
                            ("authority", .optional(entry.authority)), ("not_after", .optional(entry.ends?.rfc3339)),
                            ("served", .optional(entry.served)), ("why", .string(entry.why)),
                        ])
                    }
                )
            ),
        ])
    }
}

extension String {
    fileprivate var trimmedEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
