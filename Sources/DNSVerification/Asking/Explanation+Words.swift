import CygniDNS

extension Verdict {
    var words: String {
        switch self {
        case .present: "present"
        case .absent(let reason): "absent (\(reason.rawValue))"
        case .unknown(let reason): "unknown (\(reason.rawValue))"
        }
    }
}

extension Finding {
    /// For a person.
    var words: String {
        switch self {
        case .present(let records, let aliases, let security):
            let path = aliases.isEmpty ? "" : "by way of \(aliases.map(\.description).joined(separator: ", ")): "
            let values = records.prefix(8).map(\.data.words.quotedForTerminal).joined(separator: " | ")
            return "\(path)\(values), TTL \(records.map(\.ttl).min() ?? 0) s\(security == .secure ? ", signed" : "")"
        case .absent(let nameExists, let aliases, let negative, _):
            let path = aliases.isEmpty ? "" : "by way of \(aliases.map(\.description).joined(separator: ", ")): "
            let kept = negative.map { ", remembered for \($0.seconds) s" } ?? ""
            return "\(path)\(nameExists ? "no such record" : "no such name")\(kept)"
        case .unknown(let cause): return cause.words
        }
    }
}

extension ZoneFinding {
    var words: String {
        switch self {
        case .unknown(let cause): cause.words
        case .zone(let zone):
            "\(zone.apex), \(zone.isSigned ? "signed" : "not signed"), served by \(zone.servers.map(\.description).joined(separator: ", "))"
        }
    }
}

extension CAAFinding {
    var words: String {
        switch self {
        case .none: "none: any CA may issue"
        case .unknown(let place, let cause): "of \(place): \(cause.words)"
        case .set(let set):
            "of \(set.owner): "
                + set.records.map { Record.Data.caa($0).words.quotedForTerminal }.joined(separator: " | ")
        }
    }
}

extension Survey.ServerReport {
    var words: String {
        let place = name == address ? address : "\(name) (\(address))"
        switch word {
        case .serves(let serial, let hasProof):
            return
                "\(place): serial \(serial.map(String.init) ?? "?"), proof \(hasProof ? "yes" : "no"), \(Int(milliseconds.rounded())) ms"
        case .lame(let why): return "\(place): lame, \(why)"
        case .silent(let why): return "\(place): silent, \(why)"
        }
    }
}

extension Ownership.NearMiss {
    /// Stable, for a program.
    var code: String {
        switch self {
        case .quoted: "quoted"
        case .truncated: "truncated"
        case .padded: "padded"
        case .expired: "expired"
        case .other: "other"
        }
    }

    var words: String {
        switch self {
        case .quoted: "the token in quotation marks"
        case .truncated: "a part of the token"
        case .padded: "the token with something in front of it"
        case .expired(let day): "the token, with expiry=\(day.quotedForTerminal)"
        case .other(let text): "another value: \(text.quotedForTerminal)"
        }
    }
}

extension String {
    /// What strangers wrote must not move a cursor.
    fileprivate var quotedForTerminal: String {
        "\"" + String(unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) }) + "\""
    }
}
