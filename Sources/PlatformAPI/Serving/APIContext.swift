import Hummingbird
import NIOCore

/// What belongs to one request on its way through the server.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var caller: Caller
    /// For what a request found out about who asks, so that its log line can say so.
    let finding = Finding()

    /// Where the connection's work is done.
    let executor: LoopExecutor

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        executor = LoopExecutor(source.channel.eventLoop)
        caller = Caller(requestID: "", traceID: nil, address: source.channel.remoteAddress?.ipAddress ?? "")
    }
}
