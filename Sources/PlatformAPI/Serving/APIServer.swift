import CygniAccess
import CygniModel
import CygniPostgres
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The running server: accepts until it is told to stop, then ends what is under way and closes.
struct APIServer: Sendable {
    let parts: ServerParts
    let operations: [APIOperation]
    let pages: [PageRoute]
    let logger: Logger

    /// Returns when it was stopped and what was under way has ended, or the time for that was over.
    ///
    /// - Parameter onListening: gets the port that it listens on.
    func run(port: Int, onListening: @escaping @Sendable (Int) -> Void) async throws {
        let settings = parts.settings
        let application = Application(
            router: router(),
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.listen.address, port: port),
                serverName: nil,
                backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(settings.limits.connections)
            ),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
            logger: quiet
        )
        var configuration = ServiceGroupConfiguration(
            services: [
                Housekeeping(database: parts.database, logger: logger), application,
                IngestDrain(queue: parts.ingest, limit: settings.limits.drain),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = settings.limits.drain
        try await ServiceGroup(configuration: configuration).run()
        await parts.database.pool.close()
    }

    private var server: HTTPServerBuilder {
        let limits = parts.settings.limits
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: .nanoseconds(limits.idle.microseconds * 1000),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Int(limits.headers.bytes),
                maxHeaderListSize: Int(limits.headers.bytes),
                maxHeaderFieldCount: 100
            )
        )
        return HTTPServerBuilder { responder in
            LoopBoundChannel(base: HTTP1Channel(responder: responder, configuration: configuration))
        }
    }

    /// What the framework has to say is for whoever works on it.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        return quiet
    }

    private func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Boundary(parts: parts, operations: operations, pages: pages, logger: logger))
        for operation in operations {
            let runner = OperationRunner(operation: operation, parts: parts, logger: logger)
            router.on(RouterPath(operation.path), method: operation.method) { request, context in
                try await runner.respond(to: request, context)
            }
        }
        for route in pages {
            let runner = PageRunner(route: route, parts: parts, logger: logger)
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await runner.respond(to: request, context)
            }
        }
        return router
    }
}
