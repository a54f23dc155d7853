// swift-tools-version: 6.2
import PackageDescription

// Targets stand in layer order, lowest first; what each may import is drawn in docs/architecture.md and held by
// HouseTests over `swift package dump-package`.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// An executable carries the Swift runtime, so that a host needs none, and starts in two thirds of the time. The libraries
// are what Foundation's own modules name only when everything is compiled for that.
let linking: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib"]
            + ["CoreFoundation", "_FoundationICU", "_FoundationCollections", "_FoundationCShims", "stdc++"].map {
                "-l\($0)"
            },
        .when(platforms: [.linux], configuration: .release)
    )
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")

// The server stack: only PlatformAPI carries it.
let server: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    httpTypes,
    .product(name: "Mustache", package: "swift-mustache"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]

let package = Package(
    name: "cygni",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates.git", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit.git", exact: "5.7.1"),
    ],
    targets: [
        .systemLibrary(
            name: "CPostgres",
            path: "Sources/C/CPostgres",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        .systemLibrary(
            name: "CCurl",
            path: "Sources/C/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "CZstd",
            path: "Sources/C/CZstd",
            pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"])]
        ),
        .systemLibrary(
            name: "CZlib",
            path: "Sources/C/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/C/COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CIDN2",
            path: "Sources/C/CIDN2",
            pkgConfig: "libidn2",
            providers: [.apt(["libidn2-dev"])]
        ),
        .systemLibrary(
            name: "CPSL",
            path: "Sources/C/CPSL",
            pkgConfig: "libpsl",
            providers: [.apt(["libpsl-dev"])]
        ),
        .target(name: "CUnbound", path: "Sources/C/CUnbound", linkerSettings: [.linkedLibrary("unbound")]),
        .target(
            name: "CTLS",
            path: "Sources/C/CTLS",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),
        .target(name: "CygniModel", swiftSettings: settings),
        .target(name: "CygniIntake", dependencies: ["CygniModel"], swiftSettings: settings),
        .target(name: "CygniConfig", dependencies: ["CygniModel", yams], swiftSettings: settings),
        .target(name: "CygniLog", dependencies: ["CygniModel", logging], swiftSettings: settings),
        .target(
            name: "CygniPostgres",
            dependencies: ["CygniModel", "CPostgres"],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(name: "CygniHTTP", dependencies: ["CygniModel", "CCurl"], swiftSettings: settings),
        .target(
            name: "CygniDNS",
            dependencies: ["CygniModel", "CygniConfig", "CUnbound", "CIDN2", "CPSL", crypto],
            swiftSettings: settings
        ),
        .target(name: "CygniTLS", dependencies: ["CTLS"], swiftSettings: settings),
        .target(name: "CygniACME", dependencies: ["CygniModel", "CygniHTTP", crypto], swiftSettings: settings),
        .target(name: "CygniSecrets", dependencies: ["CygniModel", "CygniConfig", crypto], swiftSettings: settings),
        .target(
            name: "CygniObjectStore",
            dependencies: ["CygniModel", "CygniConfig", "CygniHTTP", crypto],
            swiftSettings: settings
        ),
        .target(
            name: "CygniArchive",
            dependencies: ["CygniModel", "CygniHTTP", "CygniObjectStore", "COpenSSL", "CZlib", "CZstd", crypto],
            swiftSettings: settings
        ),
        .target(
            name: "CygniAudit",
            dependencies: ["CygniModel", "CygniPostgres", crypto],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "CygniJobs",
            dependencies: ["CygniModel", "CygniLog", "CygniPostgres", logging],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "CygniAccess",
            dependencies: ["CygniModel", "CygniConfig", "CygniPostgres", crypto, jwt],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "CygniBrake",
            dependencies: ["CygniConfig", "CygniJobs", "CygniModel", "CygniPostgres", crypto],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "CygniEngines",
            dependencies: ["CygniModel", "CygniConfig", "CygniHTTP", "CygniLog"],
            swiftSettings: settings
        ),
        .target(
            name: "MetricsRollup",
            dependencies: ["CygniModel", "CygniConfig", "CygniJobs", "CygniPostgres", logging],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "LogArchive",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniJobs", "CygniPostgres", "CygniArchive", "CygniAudit",
                "CygniObjectStore", crypto,
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "RetentionPurge",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniJobs", "CygniPostgres", "CygniAudit", "CygniBrake",
                "CygniObjectStore", crypto, logging,
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "DNSVerification",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniJobs", "CygniPostgres", "CygniDNS", argumentParser,
                logging,
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "cygni-dns-verify",
            dependencies: ["CygniCommand", "DNSVerification", argumentParser],
            path: "Sources/Executables/cygni-dns-verify",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .executableTarget(
            name: "cygni-retention-purge",
            dependencies: ["CygniCommand", "CygniConfig", "RetentionPurge", argumentParser],
            path: "Sources/Executables/cygni-retention-purge",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .executableTarget(
            name: "cygni-log-archive",
            dependencies: ["CygniCommand", "CygniConfig", "LogArchive", argumentParser],
            path: "Sources/Executables/cygni-log-archive",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .executableTarget(
            name: "cygni-metrics-rollup",
            dependencies: ["CygniCommand", "CygniJobs", "MetricsRollup", argumentParser],
            path: "Sources/Executables/cygni-metrics-rollup",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .testTarget(
            name: "RollupProcessTests",
            dependencies: ["CygniModel", "CygniPostgres", "CygniTestSupport", "cygni-metrics-rollup"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RollupTests",
            dependencies: [
                "CygniConfig", "CygniJobs", "CygniModel", "CygniPostgres", "CygniTestSupport", "MetricsRollup",
                logging,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "CygniCommand",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniPostgres", "CygniJobs", argumentParser, logging,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SchemaMigration",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniPostgres", "CygniJobs", "CygniCommand", argumentParser,
                crypto, logging,
            ],
            resources: [.embedInCode("Migrations"), .embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "CertRenewal",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniJobs", "CygniPostgres", "CygniACME", "CygniDNS",
                "CygniHTTP", "CygniSecrets", "CygniTLS", argumentParser, asn1, crypto, cryptoExtras, logging, x509,
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "cygni-cert-renew",
            dependencies: ["CygniCommand", "CygniConfig", "CertRenewal", argumentParser],
            path: "Sources/Executables/cygni-cert-renew",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .target(
            name: "PreviewReaping",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniJobs", "CygniPostgres", "CygniAudit", "CygniBrake",
                "CygniDNS", "CygniEngines", "CygniHTTP", "CygniObjectStore", crypto, cryptoExtras,
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "cygni-preview-reap",
            dependencies: ["CygniCommand", "CygniConfig", "PreviewReaping", argumentParser],
            path: "Sources/Executables/cygni-preview-reap",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .target(
            name: "EngineReclaim",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniJobs", "CygniPostgres", "CygniAudit", "CygniBrake", "CygniEngines",
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "JobBook",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniPostgres", "CygniAccess", "CygniAudit", "CygniJobs", "CygniCommand",
                "CertRenewal", "DNSVerification", "EngineReclaim", "LogArchive", "MetricsRollup", "PreviewReaping",
                "RetentionPurge", "SchemaMigration",
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .target(
            name: "PlatformAPI",
            dependencies: [
                "CygniModel", "CygniConfig", "CygniLog", "CygniPostgres", "CygniAudit", "CygniJobs", "CygniCommand",
                "CygniAccess", "CygniArchive", "CygniHTTP", "CygniIntake", "CygniObjectStore", "CygniDNS",
                "DNSVerification", "JobBook", "LogArchive", "PreviewReaping", argumentParser, crypto, logging,
            ] + server,
            resources: [.embedInCode("SQL"), .embedInCode("Pages/Templates"), .embedInCode("Pages/Assets")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "cygni-api",
            dependencies: ["PlatformAPI", argumentParser],
            path: "Sources/Executables/cygni-api",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .executableTarget(
            name: "cygni-migrate",
            dependencies: ["SchemaMigration"],
            path: "Sources/Executables/cygni-migrate",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .target(
            name: "Operator",
            dependencies: [
                "CygniModel", "CygniIntake", "CygniConfig", "CygniLog", "CygniPostgres", "CygniAccess", "CygniAudit",
                "CygniJobs",
                "CygniCommand", "CygniArchive", "CygniObjectStore", "CertRenewal", "DNSVerification", "EngineReclaim",
                "JobBook", "LogArchive", "MetricsRollup", "PreviewReaping", "RetentionPurge", "SchemaMigration",
                argumentParser,
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "cygni",
            dependencies: ["Operator", argumentParser],
            path: "Sources/Executables/cygni",
            swiftSettings: settings,
            linkerSettings: linking
        ),

        .testTarget(name: "ModelTests", dependencies: ["CygniModel"], swiftSettings: settings),
        .testTarget(name: "ConfigTests", dependencies: ["CygniConfig", "CygniModel"], swiftSettings: settings),
        .testTarget(name: "LogTests", dependencies: ["CygniLog", "CygniModel", logging], swiftSettings: settings),
        .testTarget(
            name: "JobsTests",
            dependencies: [
                "CygniJobs", "CygniLog", "CygniModel", "CygniPostgres", "CygniTestSupport", "SchemaMigration", logging,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "probe-job",
            dependencies: [
                "CygniCommand", "CygniConfig", "CygniJobs", "CygniModel", "CygniPostgres", argumentParser,
            ],
            path: "Tests/ProbeJob",
            swiftSettings: settings,
            linkerSettings: linking
        ),
        .testTarget(name: "HouseTests", dependencies: ["CygniModel"], swiftSettings: settings),

        .target(
            name: "CygniTestSupport",
            dependencies: ["CygniModel", "CygniPostgres", "SchemaMigration"],
            path: "Tests/CygniTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "MigrationTests",
            dependencies: ["CygniJobs", "CygniModel", "CygniPostgres", "CygniTestSupport", "SchemaMigration"],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ProcessTests",
            dependencies: [yams, "CygniPostgres", "CygniTestSupport", "SchemaMigration", "cygni-migrate", "probe-job"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "OperatorTests",
            dependencies: [
                "CygniAudit", "CygniConfig", "CygniJobs", "CygniIntake", "CygniModel", "CygniPostgres",
                "CygniTestSupport",
                "JobBook", "MetricsRollup", "Operator", "cygni", argumentParser, logging,
            ],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["CygniModel", "CygniPostgres", "CygniTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SchemaTests",
            dependencies: ["CygniModel", "CygniPostgres", "CygniTestSupport", "SchemaMigration"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPTests",
            dependencies: ["CygniHTTP", "CygniModel", "CygniTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ObjectStoreTests",
            dependencies: ["CygniHTTP", "CygniLog", "CygniModel", "CygniObjectStore", "CygniTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ArchiveTests",
            dependencies: ["CygniArchive", "CygniModel", "CygniObjectStore", "CygniTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LogArchiveTests",
            dependencies: ["CygniArchive", "CygniConfig", "CygniJobs", "CygniModel", "CygniTestSupport", "LogArchive"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ArchiveProcessTests",
            dependencies: ["CygniPostgres", "CygniTestSupport", "cygni", "cygni-log-archive"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RetentionTests",
            dependencies: [
                "CygniConfig", "CygniJobs", "CygniModel", "CygniObjectStore", "CygniPostgres", "CygniTestSupport",
                "RetentionPurge", logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RetentionProcessTests",
            dependencies: [
                "CygniPostgres", "CygniTestSupport", "cygni", "cygni-log-archive", "cygni-metrics-rollup",
                "cygni-retention-purge",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RenewalTests",
            dependencies: [
                "CertRenewal", "CygniACME", "CygniConfig", "CygniDNS", "CygniModel", "CygniPostgres", "CygniSecrets",
                "CygniTestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RenewalProcessTests",
            dependencies: ["CygniPostgres", "CygniTestSupport", "cygni", "cygni-cert-renew"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ReapingTests",
            dependencies: ["CygniConfig", "CygniEngines", "CygniModel", "CygniTestSupport", "PreviewReaping"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ReapingProcessTests",
            dependencies: ["CygniPostgres", "CygniTestSupport", "cygni", "cygni-preview-reap"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "APITests",
            dependencies: [
                "CygniAccess", "CygniArchive", "CygniIntake", "CygniModel", "CygniTestSupport", "JobBook",
                "PlatformAPI",
                httpTypes,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "APIProcessTests",
            dependencies: [
                "CygniAccess", "CygniHTTP", "CygniModel", "CygniPostgres", "CygniTestSupport", "PlatformAPI",
                "SchemaMigration", "cygni", "cygni-api", "cygni-log-archive", "cygni-metrics-rollup", crypto, httpTypes,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DNSVerificationTests",
            dependencies: ["CygniDNS", "CygniModel", "CygniTestSupport", "DNSVerification"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DNSProcessTests",
            dependencies: ["CygniDNS", "CygniPostgres", "CygniTestSupport", "cygni", "cygni-dns-verify"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DNSTests",
            dependencies: ["CygniDNS", "CygniModel", "CygniTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AuditTests",
            dependencies: ["CygniAudit", "CygniModel", "CygniPostgres", "CygniTestSupport"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
