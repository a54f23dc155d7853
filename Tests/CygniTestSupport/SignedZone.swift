/// A zone that is signed by ldns's tools, whole or spoiled.
package struct SignedZone {
    package let name: String
    /// The zone file.
    package let records: String
    /// The DS record of its key.
    package let anchor: String

    package enum Spoiling: Sendable {
        case none
        /// The signatures ended years ago.
        case expired
        /// A record is another one than was signed.
        case altered
    }

    package init(_ name: String, _ records: String, _ spoiling: Spoiling = .none) async throws {
        self.name = name
        let folder = try TemporaryFolder()
        try folder.write(
            """
            $ORIGIN \(name).
            $TTL 60
            @ IN SOA ns.\(name). host.\(name). 1 3600 600 86400 30
            @ IN NS ns.\(name).
            ns IN A 127.0.0.1
            \(records)

            """,
            to: "zone"
        )
        let keygen = try await Self.run("ldns-keygen", ["-a", "ECDSAP256SHA256", "-k", name], in: folder)
        let key = keygen.trimmed
        let times = spoiling == .expired ? ["-i", "20200101000000", "-e", "20200201000000"] : []
        _ = try await Self.run("ldns-signzone", ["-n", "-f", "signed"] + times + ["zone", key], in: folder)
        var signed = try folder.read("signed")
        if spoiling == .altered { signed = signed.replacing("192.0.2.1", with: "192.0.2.66") }
        self.records = signed
        anchor = try folder.read("\(key).ds").trimmed
    }

    private static func run(_ tool: String, _ arguments: [String], in folder: TemporaryFolder) async throws -> String {
        let child = try ChildProcess(path: "/usr/bin/\(tool)", arguments: arguments, folder: folder.path)
        let result = try await child.result(timeLimit: .seconds(20))
        guard result.status == 0 else { throw TestSupportError("\(tool) failed: \(result)") }
        return result.standardOutput
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}
