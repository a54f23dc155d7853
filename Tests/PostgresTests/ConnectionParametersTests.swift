import Testing

@testable import CygniPostgres

/// The rules for TLS, as values: what libpq is handed for a URL.
@Suite struct ConnectionParametersTests {
    private func parameter(_ keyword: String, of url: String) throws -> String? {
        let options = ConnectionOptions(url: url, applicationName: "tests")
        return try ConnectionParameters(options).pairs.last { $0.keyword == keyword }?.value
    }

    @Test(
        "A connection that leaves the machine is verified",
        arguments: [
            "postgresql://db.example.test/cygni", "host=10.0.0.5 dbname=cygni", "postgresql://a.test,localhost/x",
            "postgresql://127.0.0.1.evil.test/x", "host=localhost hostaddr=10.1.2.3", "postgresql://[fe80::1]/x",
            "postgresql://localhost.evil.test/x", "host=0.0.0.0", "host=::2",
        ]
    )
    func remoteIsVerified(url: String) throws {
        #expect(try parameter("sslmode", of: url) == "verify-full")
    }

    @Test(
        "One that stays on it is left alone",
        arguments: [
            "postgresql:///cygni", "cygni", "host=/run/postgresql", "postgresql://localhost/x",
            "postgresql://127.0.0.1:5433/x", "postgresql://127.8.9.10/x", "postgresql://[::1]/x",
            "host=@abstract", "host=localhost,127.0.0.1,/tmp", "host=db.test hostaddr=127.0.0.1",
        ]
    )
    func localIsLeftAlone(url: String) throws {
        #expect(try parameter("sslmode", of: url) == nil)
    }

    @Test(
        "A mode that was written stays",
        arguments: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
    )
    func writtenModeStays(mode: String) throws {
        #expect(try parameter("sslmode", of: "postgresql://db.test/x?sslmode=\(mode)") == nil)
        #expect(try parameter("sslmode", of: "host=db.test sslmode=\(mode)") == nil)
    }

    @Test func livenessGivesWayToTheURL() throws {
        #expect(try parameter("keepalives_idle", of: "host=db.test") == "30")
        #expect(try parameter("keepalives_idle", of: "host=db.test keepalives_idle=7") == nil)
        #expect(try parameter("tcp_user_timeout", of: "host=db.test") == "60000")
        #expect(try parameter("tcp_user_timeout", of: "host=a.test,b.test") == "10000")
        #expect(try parameter("tcp_user_timeout", of: "host=a.test,b.test connect_timeout=3") == "3000")
        #expect(try parameter("tcp_user_timeout", of: "host=a.test tcp_user_timeout=1") == nil)
    }

    @Test func timeLimitCountsHosts() throws {
        var options = ConnectionOptions(url: "host=a.test,b.test", applicationName: "tests")
        options.connectTimeout = .milliseconds(2500)
        #expect(try ConnectionParameters(options).timeLimit == .seconds(6))
        options.url = "host=a.test connect_timeout=1"
        #expect(try ConnectionParameters(options).timeLimit == .seconds(2))
    }

    @Test func unreadableURLIsRefusedWithoutQuotingIt() throws {
        for url in ["postgresql://u:hunter2%zz@host/x", "host=a passwordd=hunter2", "host='hunter2"] {
            let error = #expect(throws: PostgresError.self) { try parameter("host", of: url) }
            #expect(error?.kind == .parameters && error?.isTransient == false)
            #expect(error.map { String(reflecting: $0) }?.contains("hunter2") == false)
        }
    }

    @Test func advisoryLockKeysDoNotMove() {
        // FNV-1a of "a", from its authors' test vectors: af63dc4c8601ec8c.
        let key = AdvisoryLockKey("a")
        #expect(UInt32(bitPattern: key.high) == 0xaf63_dc4c && UInt32(bitPattern: key.low) == 0x8601_ec8c)
        #expect(key != AdvisoryLockKey(key.high, key.low))
    }
}
