/// The settings that every executable shares: the file that `--config` names.
package struct SharedSettings: ConfigSection {
    package let database: DatabaseSettings
    package let objectStore: ObjectStoreSettings
    package let platform: String
    package let engines: [String: EngineSettings]
    package let encryption: SealingSettings
    package let metrics: MetricsSettings
    package let log: LogSettings

    package init(reading reader: inout ConfigReader) {
        database = reader.section("database", DatabaseSettings.self, "The PostgreSQL database that holds all state.")
        objectStore = reader.section(
            "object_store",
            ObjectStoreSettings.self,
            "Where archives and other bytes are kept."
        )
        platform = reader.value(
            "platform",
            .text,
            default: "cygni",
            "What the label dev.cygni.platform says on what is ours; two platforms on one engine have different ones."
        )
        engines = reader.value(
            "engines",
            .map(of: .section("an engine"), count: 0...20),
            default: [:],
            "What deployments run on, by a name of yours: previews are taken down there, and space is reclaimed.",
            example: "{local: {kind: docker, socket: /run/podman/podman.sock}}"
        )
        encryption = reader.section(
            "encryption",
            SealingSettings.self,
            "The keys that private keys and other secrets in the database are sealed with."
        )
        metrics = reader.section("metrics", MetricsSettings.self, "How runs are made visible to Prometheus.")
        log = reader.section("log", LogSettings.self, "What is logged to stderr, and how.")
    }
}

/// How runs are made visible to Prometheus.
package struct MetricsSettings: ConfigSection {
    /// Nil: no metrics are written.
    package let textfileDirectory: String?

    package init(reading reader: inout ConfigReader) {
        textfileDirectory = reader.optional(
            "textfile_directory",
            .path,
            """
            The folder that node_exporter's textfile collector reads; each job keeps one .prom file there, replaced \
            whole. Left out, no metrics are written.
            """,
            example: "/var/lib/prometheus/node-exporter"
        )
    }
}

/// What is logged, and how.
package struct LogSettings: ConfigSection {
    /// The levels of swift-log.
    package enum Level: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    package enum Format: String, CaseIterable, Sendable {
        /// Text on a terminal, else JSON.
        case auto
        case text
        case json
    }

    package let level: Level
    package let format: Format

    package init(reading reader: inout ConfigReader) {
        level = reader.value(
            "level",
            .oneOf(Level.self),
            default: .info,
            "The least severe level that is logged; --log-level wins."
        )
        format = reader.value(
            "format",
            .oneOf(Format.self),
            default: .auto,
            "How a line of the log is written; auto is text on a terminal, else JSON. --log-format wins."
        )
    }
}
