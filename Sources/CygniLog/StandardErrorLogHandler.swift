package import Logging

/// Writes each event as one line to standard error.
package struct StandardErrorLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let format: LogFormat
    private let output: LineOutput

    package init(level: Logger.Level = .info, format: LogFormat, output: LineOutput = .standardError) {
        logLevel = level
        self.format = format
        self.output = output
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        output.write(line: LogLine(event, of: self).rendered(format))
    }
}

extension Logger {
    /// A logger for one program run; nothing global is set up.
    package static func standardError(
        label: String,
        level: Logger.Level = .info,
        format: LogFormat,
        output: LineOutput = .standardError
    ) -> Logger {
        Logger(label: label) { _ in StandardErrorLogHandler(level: level, format: format, output: output) }
    }
}
