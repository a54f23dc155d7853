import CygniModel
import CygniPostgres
import FoundationEssentials

/// What was purged and held in a span of time, with the links of the audit log's chain that prove it.
///
/// `docs/verify-evidence.py` checks it without a database.
struct EvidenceBundle: Sendable {
    /// An entry of the platform's chain; of those that are not about retention only the link.
    struct Entry: Sendable {
        struct Told: Sendable {
            var id: Int
            var at: Timestamp
            var actor: String
            var action: String
            var subject: String
            /// As stored: its bytes are a part of what is hashed.
            var details: String
        }

        var sequence: Int
        var previousHash: String
        var hash: String
        var told: Told?
    }

    /// The part of a receipt that is counted and shown.
    struct Receipt: Sendable, Decodable {
        struct Policy: Sendable, Decodable {
            var name: String
            var keep: String?
            var version: String?
        }

        var id: String
        var source: String
        var item: String
        var weapon: String
        var rows: Int
        var bytes: Int
        var digest: String?
        var actor: String
        var policy: Policy
        var finished_at: String?
    }

    struct Sum: Sendable, Hashable {
        var source: String
        var weapon: String
        var receipts = 0
        var rows = 0
        var bytes = 0
    }

    var span: Range<Timestamp>
    var madeAt: Timestamp
    var madeBy: String
    var entries: [Entry] = []
    var holds: [HoldRow] = []
    /// Receipts that no entry tells: `id item`.
    var unlinked: [String] = []
    var segments: [JSONValue] = []

    var receipts: [(entry: Entry, receipt: Receipt)] {
        entries.compactMap { entry in
            guard let told = entry.told, told.action == "retention.purged",
                let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(told.details.utf8))
            else { return nil }
            return (entry, receipt)
        }
    }

    var sums: [Sum] {
        var sums: [String: Sum] = [:]
        for (_, receipt) in receipts {
            var sum = sums["\(receipt.source) \(receipt.weapon)"] ?? Sum(source: receipt.source, weapon: receipt.weapon)
            sum.receipts += 1
            sum.rows += receipt.rows
            sum.bytes += receipt.bytes
            sums["\(receipt.source) \(receipt.weapon)"] = sum
        }
        return sums.sorted { $0.key < $1.key }.map(\.value)
    }

    var json: JSONValue {
        .object([
            ("format", .string("cygni-evidence-1")), ("from", .string(span.lowerBound.rfc3339)),
            ("to", .string(span.upperBound.rfc3339)), ("made_at", .string(madeAt.rfc3339)),
            ("made_by", .string(madeBy)),
            (
                "summary",
                .array(
                    sums.map { sum in
                        .object([
                            ("source", .string(sum.source)), ("weapon", .string(sum.weapon)),
                            ("receipts", .integer(sum.receipts)), ("rows", .integer(sum.rows)),
                            ("bytes", .integer(sum.bytes)),
                        ])
                    }
                )
            ), ("holds", .array(holds.map(\.json))), ("unlinked", .array(unlinked.map(JSONValue.string))),
            ("segments", .array(segments)), ("entries", .array(entries.map(\.json))),
        ])
    }

    /// Reads the span in the session's snapshot.
    static func read(_ span: Range<Timestamp>, by actor: String, in session: Session) throws -> EvidenceBundle {
        let statements = RetentionQuestion.statements
        var bundle = EvidenceBundle(
            span: span,
            madeAt: try session.query(statements["now"])[0].get("now"),
            madeBy: actor
        )
        bundle.entries = try session.query(statements["evidence_entries"], span.lowerBound, span.upperBound)
            .map(Entry.init(row:))
        bundle.holds = try session.query(statements["holds"], nil, nil, true).map(HoldRow.init(row:)).filter { hold in
            hold.created < span.upperBound && (hold.released ?? hold.expires).map { $0 >= span.lowerBound } ?? true
        }
        bundle.unlinked = try session.query(statements["evidence_unlinked"], span.lowerBound, span.upperBound).map {
            "\(try $0.get("id", as: String.self)) \(try $0.get("item", as: String.self))"
        }
        bundle.segments = try session.query(statements["evidence_segments"]).map { row in
            .object([
                ("first_seq", .integer(try row.get("first_seq"))), ("last_seq", .integer(try row.get("last_seq"))),
                ("entries", .integer(try row.get("entries"))), ("head_hash", .string(try row.get("head_hash"))),
            ])
        }
        return bundle
    }
}

extension EvidenceBundle.Entry {
    init(row: Row) throws {
        sequence = try row.get("seq")
        previousHash = try row.get("prev_hash")
        hash = try row.get("hash")
        guard try row.get("is_told", as: Bool.self) else { return }
        told = Told(
            id: try row.get("id"),
            at: Timestamp(microseconds: try row.get("at_us")),
            actor: try row.get("actor"),
            action: try row.get("action"),
            subject: try row.get("subject"),
            details: try row.get("details")
        )
    }

    var json: JSONValue {
        let link: [(name: String, value: JSONValue)] = [
            ("seq", .integer(sequence)), ("prev_hash", .string(previousHash)), ("hash", .string(hash)),
        ]
        guard let told else { return .object(link) }
        return .object(
            link + [
                ("id", .integer(told.id)), ("at_us", .integer(Int(told.at.microseconds))),
                ("actor", .string(told.actor)), ("action", .string(told.action)), ("subject", .string(told.subject)),
                ("details", .string(told.details)),
            ]
        )
    }
}
