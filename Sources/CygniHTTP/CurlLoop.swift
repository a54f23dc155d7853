import CCurl
import CygniModel
import Glibc
import Synchronization

/// An easy or multi handle on its way between threads; who may use it is said where it is used.
struct CurlHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    init(_ pointer: UnsafeMutableRawPointer) {
        self.pointer = pointer
    }
}

/// libcurl's multi interface on one thread of its own, which alone touches the handles given to it.
final class CurlLoop: Sendable {
    private enum Command: Sendable {
        case add(Transfer)
        case resume(CurlHandle)
        case cancel(Transfer)
        case quit
    }

    private let multi: CurlHandle
    private let inbox = Mutex<[Command]>([])

    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    init(connectionsPerHost: Int) throws {
        guard Self.isReady, let pointer = curl_multi_init() else { throw HTTPError(.other, "failed to start libcurl") }
        multi = CurlHandle(pointer)
        _ = cygni_curl_multi_set_long(pointer, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
    }

    /// Starts the thread. It ends some time after ``quit()``.
    func start() throws {
        do {
            try DetachedThread.start { self.run() }
        } catch {
            throw HTTPError(.other, error.description)
        }
    }

    func add(_ transfer: Transfer) { post(.add(transfer)) }
    /// Goes on with a transfer that paused itself; one that has ended is passed over.
    func resume(_ handle: CurlHandle) { post(.resume(handle)) }
    func cancel(_ transfer: Transfer) { post(.cancel(transfer)) }
    func quit() { post(.quit) }

    private func post(_ command: Command) {
        inbox.withLock { $0.append(command) }
        curl_multi_wakeup(multi.pointer)
    }

    private func run() {
        var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
        var isQuitting = false
        while !isQuitting {
            let commands = inbox.withLock { inbox in
                defer { inbox = [] }
                return inbox
            }
            for command in commands {
                switch command {
                case .add(let transfer): add(transfer, to: &transfers)
                case .resume(let handle):
                    if transfers[handle.pointer] != nil { curl_easy_pause(handle.pointer, CURLPAUSE_CONT) }
                case .cancel(let transfer):
                    transfer.fault = CancellationError()
                    if transfers[transfer.easy] != nil { remove(transfer.easy, CURLE_ABORTED_BY_CALLBACK, &transfers) }
                case .quit: isQuitting = true
                }
            }
            var running: Int32 = 0
            curl_multi_perform(multi.pointer, &running)
            var left: Int32 = 0
            while let message = curl_multi_info_read(multi.pointer, &left) {
                guard message.pointee.msg == CURLMSG_DONE else { continue }
                remove(message.pointee.easy_handle, cygni_curl_result(message), &transfers)
            }
            if !isQuitting { curl_multi_poll(multi.pointer, nil, 0, 60_000, nil) }
        }
        for transfer in transfers.values {
            transfer.fault = CancellationError()
            remove(transfer.easy, CURLE_ABORTED_BY_CALLBACK, &transfers)
        }
        curl_multi_cleanup(multi.pointer)
    }

    private func add(_ transfer: Transfer, to transfers: inout [UnsafeMutableRawPointer: Transfer]) {
        guard !transfer.isCancelled.load(ordering: .acquiring) else {
            transfer.fault = CancellationError()
            return transfer.finish(CURLE_ABORTED_BY_CALLBACK)
        }
        transfers[transfer.easy] = transfer
        let code = curl_multi_add_handle(multi.pointer, transfer.easy)
        guard code == CURLM_OK else {
            transfer.fault = HTTPError(.request, String(cString: curl_multi_strerror(code)))
            return remove(transfer.easy, CURLE_FAILED_INIT, &transfers)
        }
    }

    private func remove(
        _ easy: UnsafeMutableRawPointer,
        _ code: CURLcode,
        _ transfers: inout [UnsafeMutableRawPointer: Transfer]
    ) {
        curl_multi_remove_handle(multi.pointer, easy)
        transfers.removeValue(forKey: easy)?.finish(code)
    }
}
