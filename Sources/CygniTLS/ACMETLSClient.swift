import CTLS
import Glibc

/// One client of an ``ACMETLSServer``, in the middle of its handshake. For one thread.
package final class ACMETLSClient {
    private let server: ACMETLSServer
    private let client: OpaquePointer

    /// - Parameter descriptor: a connected socket that does not block; it stays the caller's.
    package init?(_ server: ACMETLSServer, _ descriptor: Int32) {
        guard let client = cygni_acme_client_new(server.server, descriptor) else { return nil }
        self.server = server
        self.client = client
    }

    deinit { cygni_acme_client_delete(client) }

    /// Goes on with what has come.
    ///
    /// - Returns: false once it is over.
    package func step() -> Bool { cygni_acme_client_step(client) == 1 }
}
