import CTLS
import Synchronization

/// Answers handshakes for `acme-tls/1` (RFC 8737, section 3) with a certificate for the name that is asked for.
///
/// Unchecked for the pointer to the C object, which is made once and not changed; what it looks up is behind a mutex.
package final class ACMETLSServer: @unchecked Sendable {
    private final class Table: Sendable {
        let entries = Mutex<[String: Material]>([:])
    }

    private struct Material: Sendable {
        let certificate: [UInt8]
        let key: [UInt8]
    }

    private let table = Table()
    /// An `SSL_CTX`: from ``init()`` on nothing in it changes, and OpenSSL lets threads share it (SSL_CTX_new(3)).
    let server: OpaquePointer

    package struct OutOfMemory: Error {}

    package init() throws {
        let found = cygni_acme_tls_new(
            { context, name, client in
                guard let context else { return 0 }
                let table = Unmanaged<Table>.fromOpaque(context).takeUnretainedValue()
                let wanted = String(cString: name).lowercased()
                guard let found = table.entries.withLock({ $0[wanted] }) else { return 0 }
                return cygni_acme_use(client, found.certificate, found.certificate.count, found.key, found.key.count)
            },
            Unmanaged.passUnretained(table).toOpaque()
        )
        guard let found else { throw OutOfMemory() }
        server = found
    }

    deinit { cygni_acme_tls_delete(server) }

    /// - Parameters: DER.
    package func answer(_ name: String, certificate: [UInt8], key: [UInt8]) {
        table.entries.withLock { $0[name.lowercased()] = Material(certificate: certificate, key: key) }
    }

    package func forget(_ name: String) {
        table.entries.withLock { $0[name.lowercased()] = nil }
    }
}
