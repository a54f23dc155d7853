package import Logging

/// Logs as another handler does, and hands out a copy of each event as one line of JSON.
package struct CopyingLogHandler: LogHandler {
    private var base: any LogHandler
    private let copy: @Sendable (String) -> Void

    /// - Parameter copy: gets every line, without its line break, after secrets were taken out; called on any thread.
    package init(_ base: any LogHandler, copy: @escaping @Sendable (String) -> Void) {
        (self.base, self.copy) = (base, copy)
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    package var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    package func log(event: LogEvent) {
        base.log(event: event)
        copy(LogLine(event, of: base).rendered(.json))
    }
}
