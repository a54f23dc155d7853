import CygniModel
import Testing

@testable import CygniConfig

@Suite("Secrets")
struct SecretTests {
    private static let rule =
        "must be a reference to a secret, {env: NAME} or {file: PATH}, never the secret itself"

    @Test(
        "A secret in plain is refused and never echoed",
        arguments: [
            ("token: hunter2", "1:8: token: \(rule) (found a value in plain)"),
            ("token: ${PASS}", "1:8: token: \(rule) (found a value in plain)"),
            ("token: [hunter2]", "1:8: token: \(rule) (found a value in plain)"),
            ("token:", "1:7: token: \(rule) (found nothing)"),
            ("token: {}", "1:8: token: \(rule) (found an empty mapping)"),
            ("token: {value: hunter2}", "1:8: token: \(rule) (found the keys value)"),
            ("token: {env: A, file: hunter2}", "1:8: token: \(rule) (found the keys env, file)"),
            ("token: {env: [hunter2]}", "1:8: token: \(rule) (found the keys env)"),
            (
                "token: {env: hunter2!}",
                "1:14: token.env: must be the name of an environment variable (found something else)"
            ),
            (
                "token: {env: UNSET}",
                "1:14: token.env: the environment variable must be set and not empty (found UNSET)"
            ),
            (
                "token: {env: EMPTY}",
                "1:14: token.env: the environment variable must be set and not empty (found EMPTY)"
            ),
            ("token: {file: ''}", "1:15: token.file: must be the path of a file (found \"\")"),
            (
                "token: {file: /nope}",
                "1:15: token.file: must be a readable file: no such file or directory (found /nope)"
            ),
            ("token: {file: /tmp}", "1:15: token.file: must be a readable file: is a directory (found /tmp)"),
        ]
    )
    func refused(text: String, expected: String) {
        let faults = faults(SampleSettings.self, text, ["PASS": "hunter2", "EMPTY": ""])
        #expect(faults == [expected])
        #expect(!faults.joined().contains("hunter2") || text.contains("hunter2!"))
    }

    @Test("A file's secret loses one newline, and is found from the configuration's folder")
    func file() throws {
        let folder = try TemporaryFolder()
        for (content, expected) in [("s3 cret\n", "s3 cret"), ("x\r\n", "x"), ("x\n\n", "x\n"), ("é", "é")] {
            _ = try folder.write("secret", content, mode: 0o644)
            let config = try folder.write("x.yaml", "token: {file: secret}")
            let loaded = try ConfigLoader.load(SampleSettings.self, file: config, environment: [:])
            #expect(loaded.settings.token?.reveal() == expected)
            #expect(loaded.canonicalText.contains("token={\"file\": \"secret\"}\n"))
            #expect(loaded.effectiveYAML.contains("\ntoken: {file: secret}\n"))
            #expect(!"\(loaded.settings)\(loaded.effectiveYAML)".contains("s3 cret"))
        }
    }

    @Test(
        "A file that is empty, binary, or that others may change is refused",
        arguments: [
            ([], 0o600, "the file must not be empty"), ([10], 0o600, "the file must not be empty"),
            ([0xFF], 0o600, "the file must be UTF-8 text"),
            ([65], 0o620, "the file must not be writable by its group or by others; chmod go-w it"),
            ([65], 0o602, "the file must not be writable by its group or by others; chmod go-w it"),
        ] as [([UInt8], Int, String)]
    )
    func badFile(bytes: [UInt8], mode: Int, rule: String) throws {
        let folder = try TemporaryFolder()
        let secret = try folder.write("secret", bytes, mode: mode)
        let expected = "1:15: token.file: \(rule) (found \(ConfigNode.excerpt(secret)))"
        #expect(faults(SampleSettings.self, "token: {file: \(secret)}") == [expected])
    }

    @Test(
        "A password in a URL of the file is refused and never echoed",
        arguments: [
            "postgresql://u:hunter2@h/db", "postgresql://u:hun/ter2@h/db", "postgres://u:${X:-hunter2}@h/db",
            "${URL:-postgresql://u:hunter2@h/db}", "postgresql://h/db?password=hunter2",
            "postgresql://h/db?x=1&sslpassword=hunter2", "host=h password=hunter2", "host=h PASSWORD = 'hunter2 x'",
        ]
    )
    func passwordInURL(url: String) {
        let faults = faults(SharedSettings.self, "database:\n  url: \"\(url)\"")
        let rule = "must not hold a password; use database.password: {env: NAME} or ${VAR} (found a password in plain)"
        #expect(faults == ["2:8: database.url: \(rule)"])
    }

    @Test(
        "A password that comes through the environment is taken, and masked wherever the URL is shown",
        arguments: [
            ("${URL}", "postgresql://u:***@h/db"), ("postgresql://u:${P}@h/db", "postgresql://u:***@h/db"),
            ("postgresql://u:${P:-}@h:5432/db", "postgresql://u:***@h:5432/db"),
            ("postgresql://h/db?password=${P}&user=u", "postgresql://h/db?password=***&user=u"),
            ("host=h password=${P} dbname=d", "host=h password=*** dbname=d"),
        ]
    )
    func passwordFromEnvironment(url: String, shown: String) throws {
        let environment = ["URL": "postgresql://u:hunter2@h/db", "P": "hunter2"]
        let loaded = try load(SharedSettings.self, "database: {url: \"\(url)\"}", environment)
        #expect(loaded.settings.database.url.reveal().contains("hunter2"))
        #expect("\(loaded.settings.database.url)" == shown)
        #expect(!"\(loaded)\(loaded.canonicalText)\(loaded.effectiveYAML)".contains("hunter2"))
        #expect(loaded.canonicalText.contains("database.url=\"\(shown)\"\n"))
    }

    @Test(
        "A URL without a password is taken as it is",
        arguments: [
            "postgresql:///cygni", "postgresql://u@h:5432,h2:5433/db?options=a@b", "host=/run/pg dbname=cygni",
            "postgresql://%2Ftmp%2Fx/db?user=cygni_owner", "service=cygni",
        ]
    )
    func noPassword(url: String) throws {
        let loaded = try load(SharedSettings.self, "database: {url: \"\(url)\"}")
        #expect("\(loaded.settings.database.url)" == url)
    }

    @Test("A password written where something else belongs is masked in the report of it")
    func misplaced() {
        #expect(
            faults(SharedSettings.self, "database: postgresql://u:hunter2@h/db").first
                == "1:11: database: must be a mapping of keys (found postgresql://u:***@h/db)"
        )
        let long = "postgresql://u:hunter2\(String(repeating: "x", count: 80))@h/db"
        #expect(
            faults(SharedSettings.self, "database: {url: host=h}\nmetrics: \(long)")
                == ["2:10: metrics: must be a mapping of keys (found postgresql://u:***@h/db)"]
        )
    }

    @Test("An s3:// store needs its keys, a folder has no endpoint")
    func store() {
        let database = "database: {url: host=h}\n"
        #expect(
            faults(SharedSettings.self, database + "object_store: {url: \"s3://b/p\"}") == [
                "2:1: object_store.access_key: must be given for an s3:// store (found its default)",
                "2:1: object_store.secret_key: must be given for an s3:// store (found its default)",
            ]
        )
        #expect(
            faults(SharedSettings.self, database + "object_store: {endpoint: \"https://h\"}") == [
                "2:26: object_store.endpoint: must be left out for a file:// store (found \"https://h\")"
            ]
        )
    }
}
