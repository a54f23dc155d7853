/// Who may import whom.
///
/// docs/architecture.md draws it; a new arrow or room starts there and here.
enum Walls {
    /// What the library of a job may use; never another job's library, never a wrapped system library.
    private static let jobLibrary: Set = [
        "CygniModel", "CygniConfig", "CygniLog", "CygniPostgres", "CygniJobs", "CygniCommand", "ArgumentParser",
        "Logging",
    ]

    private static func executable(_ library: String) -> Set<String> {
        [library, "CygniCommand", "CygniJobs", "CygniConfig", "CygniLog", "ArgumentParser"]
    }

    /// Every room outside Tests/, lowest first, with all that it may depend on.
    static let allowed: [String: Set<String>] = [
        "CPostgres": [],
        "CCurl": [],
        "CZstd": [],
        "CZlib": [],
        "COpenSSL": [],
        "CUnbound": [],
        "CIDN2": [],
        "CPSL": [],
        "CTLS": [],
        "CygniModel": [],
        "CygniConfig": ["CygniModel", "Yams"],
        "CygniIntake": ["CygniModel"],
        "CygniLog": ["CygniModel", "Logging"],
        "CygniPostgres": ["CygniModel", "CPostgres"],
        "CygniHTTP": ["CygniModel", "CCurl"],
        "CygniDNS": ["CygniModel", "CygniConfig", "CUnbound", "CIDN2", "CPSL", "Crypto"],
        "CygniTLS": ["CTLS"],
        "CygniACME": ["CygniModel", "CygniHTTP", "Crypto"],
        "CygniSecrets": ["CygniModel", "CygniConfig", "Crypto"],
        "CygniObjectStore": ["CygniModel", "CygniConfig", "CygniHTTP", "Crypto"],
        "CygniArchive": ["CygniModel", "CygniHTTP", "CygniObjectStore", "COpenSSL", "CZlib", "CZstd", "Crypto"],
        "CygniAudit": ["CygniModel", "CygniPostgres", "Crypto"],
        "CygniJobs": ["CygniModel", "CygniLog", "CygniPostgres", "CygniAudit", "Logging"],
        "CygniAccess": ["CygniModel", "CygniConfig", "CygniPostgres", "Crypto", "JWTKit"],
        "CygniBrake": ["CygniConfig", "CygniJobs", "CygniModel", "CygniPostgres", "Crypto"],
        "CygniEngines": ["CygniModel", "CygniConfig", "CygniHTTP", "CygniLog"],
        "CygniCommand": [
            "CygniModel", "CygniConfig", "CygniLog", "CygniPostgres", "CygniAudit", "CygniJobs", "ArgumentParser",
            "Logging",
        ],
        "SchemaMigration": jobLibrary.union(["Crypto"]),
        "MetricsRollup": jobLibrary,
        "LogArchive": jobLibrary.union(["CygniArchive", "CygniAudit", "CygniObjectStore", "Crypto"]),
        "RetentionPurge": jobLibrary.union(["CygniAudit", "CygniBrake", "CygniObjectStore", "Crypto"]),
        "DNSVerification": jobLibrary.union(["CygniDNS"]),
        "CertRenewal": jobLibrary.union([
            "CygniACME", "CygniDNS", "CygniHTTP", "CygniSecrets", "CygniTLS", "Crypto", "CryptoExtras", "SwiftASN1",
            "X509",
        ]),
        "PreviewReaping": jobLibrary.union([
            "CygniAudit", "CygniBrake", "CygniDNS", "CygniEngines", "CygniHTTP", "CygniObjectStore", "Crypto",
            "CryptoExtras",
        ]),
        "EngineReclaim": jobLibrary.union(["CygniAudit", "CygniBrake", "CygniEngines"]),
        "JobBook": jobLibrary.union([
            "CertRenewal", "CygniAccess", "CygniAudit", "DNSVerification", "EngineReclaim", "LogArchive",
            "MetricsRollup", "PreviewReaping", "RetentionPurge", "SchemaMigration",
        ]),
        "PlatformAPI": jobLibrary.union([
            "Crypto", "CygniAccess", "CygniArchive", "CygniAudit", "CygniDNS", "CygniHTTP", "CygniIntake",
            "CygniObjectStore",
            "DNSVerification", "HTTPTypes", "Hummingbird", "HummingbirdCore", "JobBook", "LogArchive", "Mustache",
            "NIOCore",
            "PreviewReaping",
            "ServiceLifecycle", "UnixSignals",
        ]),
        "Operator": jobLibrary.union([
            "CertRenewal", "CygniAccess", "CygniArchive", "CygniAudit", "CygniIntake", "CygniObjectStore",
            "DNSVerification", "EngineReclaim",
            "JobBook", "LogArchive", "MetricsRollup", "PreviewReaping", "RetentionPurge", "SchemaMigration",
        ]),
        "cygni-migrate": executable("SchemaMigration"),
        "cygni-metrics-rollup": executable("MetricsRollup"),
        "cygni-log-archive": executable("LogArchive"),
        "cygni-dns-verify": executable("DNSVerification"),
        "cygni-cert-renew": executable("CertRenewal"),
        "cygni-preview-reap": executable("PreviewReaping"),
        "cygni-retention-purge": executable("RetentionPurge"),
        "cygni-api": executable("PlatformAPI"),
        "cygni": executable("Operator"),
    ]

    /// Modules of the toolchain and the C library, free for all.
    static let toolchain: Set = ["Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization"]

    /// The modules that only tests may import.
    static let testing: Set = ["Testing"]

    /// What lies below Tests/ may stand on anything: the suites, their support, and the programs they run.
    static func isForTests(_ target: PackageDump.Target) -> Bool {
        target.type == "test" || target.folder.hasPrefix("Tests/")
    }

    /// Every arrow of `targets` that the drawing does not have, as a sentence.
    static func violations(in targets: [PackageDump.Target]) -> [String] {
        targets.flatMap { target -> [String] in
            let dependencies = target.dependencies.map(\.name)
            if isForTests(target) { return [] }
            guard let allowed = allowed[target.name] else {
                return ["'\(target.name)' is in no drawing: add it to docs/architecture.md and to Walls"]
            }
            return dependencies.filter { !allowed.contains($0) }.map { "'\(target.name)' may not depend on '\($0)'" }
        }
    }

    /// Every import in the sources of `target` that its dependencies do not cover.
    ///
    /// SwiftPM itself lets a target import
    /// whatever its dependencies happen to pull in.
    static func violations(in target: PackageDump.Target, file: String, lines: [String]) -> [String] {
        var covered = toolchain.union(target.dependencies.map(\.name))
        if isForTests(target) { covered.formUnion(testing) }
        return importedModules(in: lines).filter { !covered.contains($0.module) }.map {
            "\(file):\($0.line): '\(target.name)' imports '\($0.module)' without depending on it"
        }
    }

    static func importedModules(in lines: [String]) -> [(line: Int, module: String)] {
        let pattern =
            /^\s*(?:(?:@\w+|package|public|internal|fileprivate|private)\s+)*import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)/
        return lines.enumerated().compactMap { index, line in
            line.firstMatch(of: pattern).map { (index + 1, String($0.1)) }
        }
    }
}
