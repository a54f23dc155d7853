package import ArgumentParser
package import CygniConfig
package import CygniLog
package import Logging

/// How a command speaks on stdout.
package enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For a person.
    case text
    /// One JSON object.
    case json
}

extension LogFormat: ExpressibleByArgument {}
extension LogSettings.Level: ExpressibleByArgument {}

/// Where the shared settings are.
package struct ConfigOption: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The shared settings (default: $CYGNI_CONFIG, else /etc/cygni/cygni.yaml).",
            valueName: "file"
        )
    )
    package var file: String?

    package init() {}

    /// The file to read.
    package func path(_ environment: [String: String]) -> String {
        if let file { return file }
        if let named = environment["CYGNI_CONFIG"], !named.isEmpty { return named }
        return "/etc/cygni/cygni.yaml"
    }
}

/// What is logged to stderr, and how.
package struct LogOptions: ParsableArguments {
    @Option(name: .customLong("log-level"), help: "The least severe level that is logged (default: log.level).")
    package var level: LogSettings.Level?

    @Option(
        name: .customLong("log-format"),
        help: "How log lines on stderr look (default: log.format; text on a terminal, else json)."
    )
    package var format: LogFormat?

    package init() {}

    /// The logger of this process.
    ///
    /// - Parameter settings: nil while the settings are not known, or cannot be read.
    package func logger(label: String, settings: LogSettings? = nil, output: LineOutput) -> Logger {
        let automatic: LogFormat = output.isTerminal ? .text : .json
        let configured: LogFormat =
            switch settings?.format ?? .auto {
            case .auto: automatic
            case .text: .text
            case .json: .json
            }
        let level = Logger.Level(rawValue: (level ?? settings?.level ?? .info).rawValue) ?? .info
        return .standardError(label: label, level: level, format: format ?? configured, output: output)
    }
}
