package import CygniModel
package import FoundationEssentials

/// Where a chain was seen to end: kept outside of the database, it shows when the end is cut off or history rewritten.
///
/// The count is for people: with the chain whole from its first row, `seq` and `hash` imply it.
package struct AuditAnchor: Hashable, Sendable {
    /// The chain; nil is the platform's own.
    package var tenant: UUID?
    package var seq: Int
    package var hash: AuditHash
    package var at: Timestamp
    package var count: Int

    package init(tenant: UUID?, seq: Int, hash: AuditHash, at: Timestamp, count: Int) {
        self.tenant = tenant
        self.seq = seq
        self.hash = hash
        self.at = at
        self.count = count
    }
}

extension AuditAnchor: Codable {
    private enum Key: String, CodingKey {
        case tenant, seq, hash, at, count
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        // A line without a tenant must not pass for the platform's.
        tenant = try values.decode(UUID?.self, forKey: .tenant)
        seq = try values.decode(Int.self, forKey: .seq)
        count = try values.decode(Int.self, forKey: .count)
        guard let hash = AuditHash(hex: try values.decode(String.self, forKey: .hash)) else {
            throw DecodingError.dataCorruptedError(forKey: .hash, in: values, debugDescription: "not 64 hex digits")
        }
        self.hash = hash
        guard let at = Timestamp(parsing: try values.decode(String.self, forKey: .at)) else {
            throw DecodingError.dataCorruptedError(forKey: .at, in: values, debugDescription: "not an RFC 3339 time")
        }
        self.at = at
        guard seq > 0, count > 0 else {
            throw DecodingError.dataCorruptedError(forKey: .seq, in: values, debugDescription: "not above 0")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        // Written out even when it is null.
        try values.encode(tenant?.text, forKey: .tenant)
        try values.encode(seq, forKey: .seq)
        try values.encode(hash.description, forKey: .hash)
        try values.encode(at.description, forKey: .at)
        try values.encode(count, forKey: .count)
    }
}
