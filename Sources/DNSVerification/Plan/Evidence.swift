import CygniDNS
package import CygniModel

extension Judgement {
    /// What was asked and answered, for `domain_checks.found` and for `--explain`.
    package var evidence: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            (
                "ownership",
                ownership.verdict.json([
                    ("name", .string("\(claim.challenge)")), ("answer", examination.challenge.json),
                ])
            ),
            ("target", target.verdict.json([("a", examination.a.json), ("aaaa", examination.aaaa.json)])),
            ("caa", examination.authority.json), ("zone", examination.zone.json),
        ]
        if let survey = examination.survey { members.append(("survey", survey.json)) }
        members.append(("concerns", .array(concerns.map(\.json))))
        return .object(members)
    }
}

extension Concern {
    package var json: JSONValue { .object([("code", .string(code.rawValue)), ("text", .string(text))]) }
}

extension Fix {
    package var json: JSONValue {
        .object([
            ("action", .string(action.rawValue)), ("type", .string(type)), ("name", .string(name)),
            ("value", .string(value)), ("text", .string(text)),
        ])
    }
}

extension Verdict {
    /// `present`, `absent` or `unknown`.
    package var word: String {
        switch self {
        case .present: "present"
        case .absent: "absent"
        case .unknown: "unknown"
        }
    }

    fileprivate func json(_ more: [(name: String, value: JSONValue)]) -> JSONValue {
        let reason: JSONValue =
            switch self {
            case .present: .null
            case .absent(let reason), .unknown(let reason): .string(reason.rawValue)
            }
        return .object([("verdict", .string(word)), ("reason", reason)] + more)
    }
}

extension Finding {
    fileprivate var json: JSONValue {
        switch self {
        case .present(let records, let aliases, let security):
            let values = records.prefix(20).map { JSONValue.string($0.data.words) }
            return .object(
                [("records", .array(values)), ("ttl", .integer(Int(records.map(\.ttl).min() ?? 0)))]
                    + Self.path(aliases, security)
            )
        case .absent(let nameExists, let aliases, let negative, let security):
            return .object(
                [
                    ("absent", .string(nameExists ? "nodata" : "nxdomain")),
                    ("ttl", .integer(Int(negative?.seconds ?? 0))),
                ]
                    + Self.path(aliases, security)
            )
        case .unknown(let cause): return .object([("unknown", .string(cause.words))])
        }
    }

    private static func path(_ aliases: [DomainName], _ security: Answer.Security) -> [(name: String, value: JSONValue)]
    {
        let isSecure = security == .secure
        return (isSecure ? [("secure", .bool(true))] : [])
            + (aliases.isEmpty ? [] : [("aliases", .array(aliases.map { .string("\($0)") }))])
    }
}

extension Record.Data {
    /// Somebody else's bytes as text that the database takes: PostgreSQL knows no NUL.
    private static func storable(_ bytes: some Sequence<UInt8>, _ limit: Int) -> String {
        String(String(decoding: bytes.prefix(limit).map { $0 == 0 ? UInt8(ascii: "?") : $0 }, as: UTF8.self))
    }

    /// As a zone file has it, shortened.
    var words: String {
        switch self {
        case .address(let bytes): ServerAddress.text(bytes)
        case .name(let name): "\(name)"
        case .text(let strings): Self.storable(strings.joined(), 300)
        case .authority(let soa): "\(soa.primary) \(soa.mailbox) \(soa.serial)"
        case .caa(let caa): "\(caa.isCritical ? 128 : 0) \(caa.tag) \(Self.storable(caa.value, 200))"
        case .other(let bytes): "\(bytes.count) bytes"
        }
    }
}

extension CAAFinding {
    fileprivate var json: JSONValue {
        switch self {
        case .none: .null
        case .unknown(let place, let cause): .object([("at", .string("\(place)")), ("unknown", .string(cause.words))])
        case .set(let set):
            .object([
                ("at", .string("\(set.owner)")),
                ("records", .array(set.records.prefix(20).map { .string(Record.Data.caa($0).words) })),
            ])
        }
    }
}

extension ZoneFinding {
    fileprivate var json: JSONValue {
        switch self {
        case .unknown(let cause): .object([("unknown", .string(cause.words))])
        case .zone(let zone):
            .object([
                ("apex", .string("\(zone.apex)")), ("signed", .bool(zone.isSigned)),
                ("servers", .array(zone.servers.map { .string("\($0)") })),
            ])
        }
    }
}

extension Survey {
    fileprivate var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [("servers", .array(servers.map(\.json)))]
        if let quorum {
            members.append(("vantages", .object([("seen", .integer(quorum.seen)), ("asked", .integer(quorum.asked))])))
        }
        return .object(members)
    }
}

extension Survey.ServerReport {
    fileprivate var json: JSONValue {
        let word: [(name: String, value: JSONValue)] =
            switch word {
            case .serves(let serial, let hasProof):
                [("serial", serial.map { .integer(Int($0)) } ?? .null), ("proof", .bool(hasProof))]
            case .lame(let why): [("lame", .string(why))]
            case .silent(let why): [("silent", .string(why))]
            }
        return .object([("name", .string(name)), ("address", .string(address))] + word)
    }
}
