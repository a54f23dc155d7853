import CygniArchive
import CygniModel
import CygniTestSupport
import Foundation
import Testing

struct FrameSealTests {
    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func seal(_ certificates: [TestCertificate]) throws -> FrameSeal {
        try FrameSeal(certificates: certificates.map { try text($0.certificate) })
    }

    private func opener(_ identity: TestCertificate) throws -> FrameOpener {
        try FrameOpener(certificate: text(identity.certificate), key: Secret(text(identity.key)))
    }

    @Test(arguments: ["rsa:2048", "ec"])
    func `each recipient opens it, by us and by openssl; nobody else does`(algorithm: String) async throws {
        let folder = try TemporaryFolder()
        let first = try await TestCertificate("first", in: folder, algorithm: algorithm)
        let second = try await TestCertificate("second", in: folder, algorithm: "rsa:2048")
        let stranger = try await TestCertificate("stranger", in: folder, algorithm: algorithm)
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let sealed = try content.withUnsafeBytes(seal([first, second]).seal)
        for identity in [first, second] {
            #expect(try sealed.withUnsafeBytes(opener(identity).open) == content)
            let path = try folder.write(Data(sealed), to: "sealed")
            let result = try await BuiltExecutable(path: "/usr/bin/openssl").run([
                "cms", "-decrypt", "-binary", "-inform", "DER", "-in", path, "-inkey", identity.key, "-recip",
                identity.certificate, "-out", folder.file("opened"),
            ])
            #expect(result.status == 0, "\(result)")
            #expect(try Data(contentsOf: URL(filePath: folder.file("opened"))) == Data(content))
        }
        #expect { try sealed.withUnsafeBytes(opener(stranger).open) } throws: { ($0 as? ArchiveError)?.kind == .sealed }
    }

    @Test func `two seals of the same bytes differ`() async throws {
        let folder = try TemporaryFolder()
        let seal = try seal([await TestCertificate("a", in: folder)])
        let content: [UInt8] = [1, 2, 3]
        #expect(try content.withUnsafeBytes(seal.seal) != content.withUnsafeBytes(seal.seal))
    }

    @Test func `a changed bit anywhere is found before a byte comes out`() async throws {
        let folder = try TemporaryFolder()
        let identity = try await TestCertificate("a", in: folder)
        let content = [UInt8](repeating: 5, count: 5000)
        let sealed = try content.withUnsafeBytes(seal([identity]).seal)
        let opener = try opener(identity)
        for index in stride(from: 0, to: sealed.count, by: 37) {
            var changed = sealed
            changed[index] ^= 1
            let opened = try? changed.withUnsafeBytes(opener.open)
            // A few bits of the envelope mean nothing (an unused parameter); then the content is untouched.
            #expect(opened == nil || opened == content)
        }
        var tag = sealed
        tag[tag.count - 1] ^= 1
        let wrongTag = tag
        #expect { try wrongTag.withUnsafeBytes(opener.open) } throws: { ($0 as? ArchiveError)?.kind == .damaged }
        for broken in [Array(sealed.dropLast()), sealed + [0], [], [0x30, 0x80]] {
            #expect(throws: ArchiveError.self) { try broken.withUnsafeBytes(opener.open) }
        }
    }

    @Test func `what is no certificate or no fitting key is told`() async throws {
        let folder = try TemporaryFolder()
        let first = try await TestCertificate("a", in: folder)
        let second = try await TestCertificate("b", in: folder)
        #expect { try FrameSeal(certificates: ["nonsense"]) } throws: { ($0 as? ArchiveError)?.kind == .credentials }
        #expect {
            try FrameOpener(certificate: text(first.certificate), key: Secret(text(second.key)))
        } throws: {
            ($0 as? ArchiveError)?.kind == .credentials
        }
        #expect {
            try FrameOpener(certificate: text(first.certificate), key: Secret("nonsense"))
        } throws: {
            ($0 as? ArchiveError)?.kind == .credentials
        }
    }
}
