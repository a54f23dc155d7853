import CygniCommand
import CygniModel

extension LintReport {
    /// GitLab's Code Quality report.
    var codeQuality: JSONValue {
        .array(
            zip(findings, fingerprints()).map { finding, fingerprint in
                .object([
                    ("description", .string("\(finding.title) (\(finding.section)): \(finding.why)")),
                    ("check_name", .string(finding.code)),
                    ("fingerprint", .string(fingerprint)),
                    ("severity", .string("major")),
                    (
                        "location",
                        .object([
                            ("path", .string(finding.file)),
                            ("lines", .object([("begin", .integer(finding.line))])),
                        ])
                    ),
                ])
            }
        )
    }

    /// SARIF 2.1.0, as code scanning reads it.
    var sarif: JSONValue {
        let text = { (text: String) -> JSONValue in .object([("text", .string(text))]) }
        let rules = LintRule.all.map { rule -> JSONValue in
            .object([("id", .string(rule.code)), ("shortDescription", text(rule.title))])
        }
        let places = Dictionary(uniqueKeysWithValues: LintRule.all.enumerated().map { ($1.code, $0) })
        let results = zip(findings, fingerprints()).map { finding, fingerprint -> JSONValue in
            let place: JSONValue = .object([
                ("artifactLocation", .object([("uri", .string(Self.reference(finding.file)))])),
                ("region", .object([("startLine", .integer(finding.line))])),
            ])
            return .object([
                ("ruleId", .string(finding.code)),
                ("ruleIndex", .integer(places[finding.code] ?? -1)),
                ("level", .string("error")),
                ("message", text(finding.message)),
                ("locations", .array([.object([("physicalLocation", place)])])),
                ("partialFingerprints", .object([("cygni/v1", .string(fingerprint))])),
            ])
        }
        let driver: JSONValue = .object([
            ("name", .string("cygni-migrate lint")), ("version", .string(CygniVersion.text)), ("rules", .array(rules)),
        ])
        let run: JSONValue = .object([("tool", .object([("driver", driver)])), ("results", .array(results))])
        return .object([
            ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .string("2.1.0")),
            ("runs", .array([run])),
        ])
    }

    /// A path as a URI reference (RFC 3986).
    private static func reference(_ path: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        return path.utf8.map { byte in
            if plain.contains(byte) { return String(decoding: [byte], as: UTF8.self) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%\(digits.count == 1 ? "0" : "")\(digits)"
        }.joined()
    }
}
