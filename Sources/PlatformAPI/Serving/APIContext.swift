import Hummingbird
import NIOCore

/// What belongs to one request on its way through the server.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    var caller: Caller
    /// For what a request found out about who asks, so that its log line can say so.
    let finding = Finding()

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        caller = Caller(requestID: "", traceID: nil, address: source.channel.remoteAddress?.ipAddress ?? "")
    }
}
