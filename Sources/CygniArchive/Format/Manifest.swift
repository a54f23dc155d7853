import CygniModel
import FoundationEssentials

/// What an object holds and how to find a part of it: JSON beside the object, enough to restore it without us.
package struct Manifest: Hashable, Sendable, Codable {
    /// The version of this description.
    package static let format = "cygni-archive/1"

    package var format = Manifest.format
    /// The table, partition or file, as in the receipt.
    package var source: String
    package var objectKey: String
    /// 0 is the first archive of a range; each later one holds rows that came after those before.
    package var part = 0
    /// First moment of the range that was archived and first moment after it, RFC 3339; nil for a file.
    package var rangeStart: String?
    package var rangeEnd: String?
    package var rows = 0
    /// Of the object as stored.
    package var bytes: Int64 = 0
    /// Of its lines, newlines included.
    package var rawBytes: Int64 = 0
    /// Of the object as stored, hexadecimal.
    package var sha256 = ""
    /// ``RowDigest``.
    package var rowDigest = RowDigest().hex
    /// Rows of each tenant.
    package var tenants: [String: Int] = [:]
    package var table: Table?
    package var file: File?
    package var compression = "zstd"
    /// Empty: not sealed.
    package var recipients: [Recipient] = []
    package var frames: [Frame] = []

    package init(source: String, objectKey: String = "") {
        self.source = source
        self.objectKey = objectKey
    }

    package var isSealed: Bool { !recipients.isEmpty }

    /// What a row of the table is, for whoever makes the table anew.
    package struct Table: Hashable, Sendable, Codable {
        package var name: String
        package var columns: [Column]
        package var timeColumn: String
        package var tenantColumn: String?

        package init(name: String, columns: [Column], timeColumn: String, tenantColumn: String?) {
            self.name = name
            self.columns = columns
            self.timeColumn = timeColumn
            self.tenantColumn = tenantColumn
        }

        package struct Column: Hashable, Sendable, Codable {
            package var name: String
            /// As PostgreSQL spells it.
            package var type: String

            package init(name: String, type: String) {
                self.name = name
                self.type = type
            }
        }
    }

    /// The file that was read.
    package struct File: Hashable, Sendable, Codable {
        package var host: String
        package var path: String
        /// Of the file itself, which may be compressed.
        package var size: Int64
        package var sha256: String
        /// When its content last changed, RFC 3339.
        package var modifiedAt: String
        /// `plain`, `gzip` or `zstd`.
        package var encoding: String
        /// Whether the last line ends in a newline.
        package var endsInNewline = true

        package init(host: String, path: String, size: Int64, sha256: String, modifiedAt: String, encoding: String) {
            self.host = host
            self.path = path
            self.size = size
            self.sha256 = sha256
            self.modifiedAt = modifiedAt
            self.encoding = encoding
        }
    }

    /// One independent piece of the object.
    package struct Frame: Hashable, Sendable, Codable {
        package var offset: Int64
        package var length: Int
        package var rows: Int
        package var rawBytes: Int
        /// Of the piece as stored.
        package var sha256: String
        /// The rows are ordered by tenant, then time: those of these tenants and all between.
        package var firstTenant: String?
        package var lastTenant: String?
        /// The earliest and the latest time in it, in microseconds since 1970; nil for lines without one.
        package var from: Int64?
        package var to: Int64?
    }

    /// As it is stored.
    package var text: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        // Every member is text, a whole number, a list or a map of these.
        return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
    }

    /// - Throws: ``ArchiveError`` of kind `damaged`.
    package init(parsing bytes: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(Manifest.self, from: Data(bytes))
        } catch {
            throw ArchiveError(.damaged, "the manifest cannot be read: \(error)")
        }
        guard format == Self.format else {
            throw ArchiveError(.other, "the manifest's format is '\(format)'; this program knows '\(Self.format)'")
        }
        try checkFrames()
    }

    /// The frames fill the object without a gap, so an index never leads anywhere else.
    private func checkFrames() throws {
        var offset: Int64 = 0
        for frame in frames {
            guard frame.offset == offset, frame.length > 0, frame.length <= 1 << 31, frame.rows >= 0,
                (0...(1 << 31)).contains(frame.rawBytes)
            else { throw ArchiveError(.damaged, "the manifest's index of frames is wrong at offset \(offset)") }
            offset += Int64(frame.length)
        }
        guard offset == bytes, frames.reduce(0, { $0 + $1.rows }) == rows else {
            throw ArchiveError(.damaged, "the manifest's frames do not add up to \(bytes) bytes and \(rows) rows")
        }
    }
}
