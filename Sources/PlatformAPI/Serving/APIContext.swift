import Hummingbird
import NIOCore

/// What belongs to one request on its way through the server.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var caller: Caller
    /// For what a request found out about who asks, so that its log line can say so.
    let finding = Finding()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        caller = Caller(requestID: "", traceID: nil, address: source.channel.remoteAddress?.ipAddress ?? "")
    }
}
