import CygniArchive
import CygniModel
import CygniObjectStore
import CygniTestSupport
import Testing

struct FormatTests {
    /// An object of numbered lines of three tenants in a folder store.
    private func archive(_ rows: Int = 3000) async throws -> (FolderStore, Manifest, TemporaryFolder) {
        let folder = try TemporaryFolder()
        let writer = try ObjectWriter(spool: SpoolFile(in: folder.path), level: 1, seal: nil)
        var filler = FrameFiller(writer, size: 32 * 1024)
        for row in 0..<rows {
            let tenant = "t\(row * 3 / rows)"
            if filler.lines.lastTenant != tenant { try filler.beginTenant() }
            if filler.lines.firstTenant == nil { filler.lines.firstTenant = tenant }
            filler.lines.lastTenant = tenant
            let time = Timestamp(seconds: Int64(row % (rows / 3)))
            filler.lines.note(time: time.microseconds)
            filler.lines.append(Array(#"{"ts":"\#(time.rfc3339)","tenant_id":"\#(tenant)","n":\#(row)}"#.utf8))
            try filler.endRow()
        }
        try filler.flush()
        var manifest = Manifest(source: "s", objectKey: "k")
        try writer.finish(&manifest)
        let store = FolderStore(root: folder.file("root"))
        try await store.put("k", .file(writer.spool.file(manifest.bytes), sha256: nil), .ifAbsent)
        return (store, manifest, folder)
    }

    @Test func `an object is proven against its manifest`() async throws {
        let (store, manifest, folder) = try await archive()
        defer { withExtendedLifetime(folder) {} }
        #expect(manifest.rows == 3000)
        #expect(manifest.frames.count > 3)
        #expect(try await ObjectProof(manifest, opener: nil).check(in: store))
        let bytes = try await store.get("k").collect(upTo: 1 << 20)
        for change in [
            { (bytes: inout [UInt8]) in bytes[bytes.count / 2] ^= 1 }, { $0.removeLast() }, { $0.append(0) },
            { $0 = [] },
        ] as [(inout [UInt8]) -> Void] {
            var changed = bytes
            change(&changed)
            try await store.put("k", .bytes(changed), .replace)
            await #expect { try await ObjectProof(manifest, opener: nil).check(in: store) } throws: {
                ($0 as? ArchiveError)?.kind == .damaged
            }
        }
    }

    @Test func `a manifest that lies about rows is found out`() async throws {
        let (store, manifest, folder) = try await archive()
        defer { withExtendedLifetime(folder) {} }
        var lying = manifest
        lying.rowDigest = RowDigest().hex
        let wrong = lying
        await #expect { try await ObjectProof(wrong, opener: nil).check(in: store) } throws: {
            ($0 as? ArchiveError)?.kind == .damaged
        }
    }

    @Test func `only the frames that may hold a line are read`() async throws {
        let (store, manifest, folder) = try await archive(30_000)
        defer { withExtendedLifetime(folder) {} }
        var filter = LineFilter()
        filter.tenant = "t1"
        filter.from = Timestamp(seconds: 5000)
        filter.to = Timestamp(seconds: 5010)
        var lines: [String] = []
        let cost = try await ArchiveReader(store, opener: nil).read(manifest, filter) { line in
            lines.append(String(decoding: line, as: UTF8.self))
        }
        #expect(lines.count == 10)
        #expect(lines.allSatisfy { $0.contains("\"t1\"") })
        #expect(cost.bytes * 10 < manifest.bytes)
    }

    @Test func `a manifest reads back as it was, and a wrong index is refused`() async throws {
        let (_, manifest, folder) = try await archive()
        defer { withExtendedLifetime(folder) {} }
        #expect(try Manifest(parsing: manifest.text) == manifest)
        var wrong = manifest
        wrong.frames[1].offset += 1
        #expect(throws: ArchiveError.self) { try Manifest(parsing: wrong.text) }
        wrong = manifest
        wrong.format = "cygni-archive/9"
        #expect(throws: ArchiveError.self) { try Manifest(parsing: wrong.text) }
        #expect(throws: ArchiveError.self) { try Manifest(parsing: Array("{}".utf8)) }
    }

    @Test(
        arguments: [
            (#"{"a":"x","tenant_id":"T"}"#, "T"), (#"{"m":"\"tenant_id\":\"F\"","tenant_id":"T"}"#, "T"),
            (#"{"f":{"tenant_id":"F"},"tenant_id":"T"}"#, "T"),
            (#"{ "n" : [1,{"tenant_id":"F"}] , "tenant_id" : "T" }"#, "T"),
            (#"{"tenant_id":null}"#, nil), (#"{}"#, nil), (#"[1]"#, nil), (#"{"m":"\\","tenant_id":"T"}"#, "T"),
        ] as [(String, String?)]
    )
    func `members are found at the top only`(line: String, found: String?) {
        Array(line.utf8).withUnsafeBytes { #expect(LineFields($0).text("tenant_id") == found) }
    }
}
