import CygniArchive
import CygniJobs
import CygniModel
import CygniObjectStore
package import CygniPostgres
import FoundationEssentials

extension ArchiveFacts {
    /// The statements of this room, for the run and for the tests that prepare each of them.
    package static let statements = StatementFile("archive_facts", PackageResources.archive_facts_sql)

    /// Reads what the database knows, in the session's snapshot, and what lies on this host.
    static func read(now: Timestamp, host: String, settings: ArchiveSettings, in session: Session) throws
        -> ArchiveFacts
    {
        var facts = ArchiveFacts(now: now)
        let cluster: String = try session.query(statements["cluster"])[0].get("cluster")
        for (name, table) in settings.tables.sorted(by: { $0.key < $1.key }) {
            facts.sources += try sources(name, table, cluster, now, in: session)
        }
        let receipts = try session.query(statements["receipts"], facts.sources.map(\.name)).map(Receipt.read)
        for index in facts.sources.indices {
            let name = facts.sources[index].name
            facts.sources[index].receipts = receipts.filter { $0.source == name }.map(\.receipt)
        }
        facts.files = try files(host, settings, in: session)
        facts.ratio = try session.query(statements["ratio"]).first?.get("ratio", as: Double?.self)
        return facts
    }

    private static func sources(
        _ name: String,
        _ table: TableSettings,
        _ cluster: String,
        _ now: Timestamp,
        in session: Session
    ) throws -> [TableSource] {
        let named = table.table ?? "cygni.\(quoted(name))"
        guard let relation = try session.query(statements["relation"], named).first else {
            throw JobFailure(
                "there is no table \(named), which jobs/log-archive.yaml names under tables.\(name)",
                status: .configuration
            )
        }
        let oid: Int = try relation.get("oid")
        let isPartitioned: Bool = try relation.get("is_partitioned")
        var found = try session.query(statements["partitions"], oid).map { row in
            try TableSource(row: row, settings: name, cluster: cluster)
        }
        if !isPartitioned {
            for index in found.indices {
                found[index].range = try extent(of: found[index], table, now, in: session)
            }
        }
        return found
    }

    /// The closed days of a table without partitions that there are rows of.
    private static func extent(
        of source: TableSource,
        _ table: TableSettings,
        _ now: Timestamp,
        in session: Session
    ) throws -> Range<Timestamp>? {
        let time = quoted(table.timeColumn)
        let end = (now - table.closeAfter).floored(to: .hours(24))
        // sql-here: the table is the operator's
        let text = "SELECT min(\(time))::timestamptz AS first FROM \(source.relation)"
        let first = try session.query(Statement("archive.extent", text)).first?.get("first", as: Timestamp?.self)
        guard let start = first?.floored(to: .hours(24)), start < end else { return nil }
        return start..<end
    }

    private static func files(_ host: String, _ settings: ArchiveSettings, in session: Session) throws -> [FileFact] {
        guard !settings.files.isEmpty else { return [] }
        var facts: [FileFact] = []
        for (name, rules) in settings.files.sorted(by: { $0.key < $1.key }) {
            facts += FileGlob.files(rules.paths).map { FileFact(path: $0.path, settings: name, identity: $0.identity) }
        }
        var known: [FileIdentity: String] = [:]
        for row in try session.query(statements["known_files"], host, facts.map(\.identity.inode)) {
            known[try FileIdentity(row: row)] = try row.get("archive", as: String.self)
        }
        let begun = try session.query(statements["begun_files"], host).map(Receipt.read)
        for index in facts.indices {
            let identity = facts[index].identity
            facts[index].archive = known[identity]
            facts[index].begun = begun.first { $0.file?.identity == identity }?.receipt
        }
        return facts
    }

    /// Asks the store which of the begun archives it has, and how many uploads stray in it.
    mutating func look(into store: any ObjectStore, _ settings: ArchiveSettings) async throws {
        for source in sources.indices {
            for index in sources[source].receipts.indices where !sources[source].receipts[index].isVerified {
                try await sources[source].receipts[index].look(into: store)
            }
        }
        for index in files.indices { try await files[index].begun?.look(into: store) }
        do {
            strays = try await store.strayUploads("", before: now - settings.strayAfter).count
        } catch let error as ObjectStoreError where error.kind == .denied || error.kind == .notFound {
            // A role that may put objects need not be one that lists uploads.
            strays = 0
        }
    }
}

extension Receipt {
    /// The file of an archive of one, as it stands in `source_state`.
    package struct File: Hashable, Sendable, Codable {
        package var host: String
        package var path: String
        package var identity: FileIdentity
        package var sha256: String
    }

    /// Reads a row of `receipts` or `begun_files`.
    static func read(_ row: Row) throws -> (receipt: Receipt, source: String, file: File?) {
        let start: Timestamp? = try row.get("range_start")
        let end: Timestamp? = try row.get("range_end")
        let text: String = try row.get("state")
        let decoder = JSONDecoder()
        var receipt = Receipt(
            id: try row.get("id"),
            objectKey: try row.get("object_key"),
            part: Int(try row.get("part", as: Int32.self)),
            range: start.flatMap { start in end.map { start..<$0 } },
            rows: try row.get("rows"),
            rowDigest: try row.get("row_digest"),
            isVerified: try row.get("is_verified"),
            state: try? decoder.decode(SourceState.self, from: Data(text.utf8))
        )
        receipt.bytes = try row.get("bytes")
        return (receipt, try row.get("source"), try? decoder.decode(File.self, from: Data(text.utf8)))
    }

    fileprivate mutating func look(into store: any ObjectStore) async throws {
        isStored = try await store.head(objectKey)?.size == bytes
    }
}

extension TableSource {
    fileprivate init(row: Row, settings: String, cluster: String) throws {
        let start: Timestamp? = try row.get("range_start")
        let end: Timestamp? = try row.get("range_end")
        let (schema, name): (String, String) = (try row.get("schema"), try row.get("name"))
        self.init(
            name: schema == "cygni" ? name : "\(schema).\(name)",
            relation: try row.get("relation"),
            settings: settings,
            range: start.flatMap { start in end.map { start..<$0 } },
            bytes: try row.get("bytes"),
            tuples: try row.get("tuples"),
            state: SourceState(
                changes: try row.get("changes"),
                filenode: try row.get("filenode"),
                cluster: cluster
            )
        )
    }
}

extension FileIdentity {
    fileprivate init(row: Row) throws {
        self.init(
            device: try row.get("device"),
            inode: try row.get("inode"),
            size: try row.get("size"),
            modifiedAt: try row.get("modified_at", as: Timestamp.self).microseconds
        )
    }
}
