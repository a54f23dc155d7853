import CCurl
import CygniModel
import Glibc
import Synchronization

/// One exchange: libcurl's easy handle and what its callbacks fill.
///
/// Unchecked, as everything but ``body`` and ``upload`` belongs to the loop's thread from ``CurlLoop/add(_:)`` on.
final class Transfer: @unchecked Sendable {
    struct Head: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
    }

    let easy: UnsafeMutableRawPointer
    let body: BodyBuffer
    let upload: UploadQueue?
    let request: HTTPRequest
    let addresses: AddressPolicy?
    /// What the caller waits for; taken once.
    let head = Mutex<CheckedContinuation<Head, any Error>?>(nil)
    let isCancelled = Atomic(false)

    var status = 0
    var headers: [(name: String, value: String)] = []
    var isHeadGiven = false
    /// Bytes of a replayable body that have gone out.
    var sent: Int64 = 0
    var received: Int64 = 0
    /// Our own reason for breaking off, which says more than libcurl's.
    var fault: (any Error)?
    private let detail: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    /// - Throws: ``HTTPError`` for a request that libcurl does not take.
    init(_ request: HTTPRequest, _ configuration: HTTPClient.Configuration, loop: CurlLoop) throws {
        guard let easy = curl_easy_init() else { throw HTTPError(.other, "out of memory") }
        self.easy = easy
        self.request = request
        addresses = configuration.unixSocket == nil ? configuration.addresses : nil
        detail = .allocate(capacity: Int(CURL_ERROR_SIZE))
        detail.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let isStreamed = if case .stream = request.body { true } else { false }
        upload = isStreamed ? UploadQueue() : nil
        // The loop outlives its transfers; the handle is what it knows them by.
        let handle = CurlHandle(easy)
        body = BodyBuffer { [weak loop] in loop?.resume(handle) }
        try configure(configuration)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        detail.deallocate()
    }

    private func configure(_ configuration: HTTPClient.Configuration) throws {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_URL, request.url)
        // A `..` in a path is the caller's business: in an object's key it is a name like others.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_USERAGENT, configuration.userAgent)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect.wholeMilliseconds)
        if let total = request.limits.total { set(CURLOPT_TIMEOUT_MS, total.wholeMilliseconds) }
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, max(1, request.limits.idle.wholeMilliseconds / 1000))
        if let file = configuration.caFile { set(CURLOPT_CAINFO, file) }
        if let text = configuration.caText { set(CURLOPT_CAINFO_BLOB, bytesOf: text) }
        if let text = configuration.clientCertificate { set(CURLOPT_SSLCERT_BLOB, bytesOf: text) }
        if let key = configuration.clientKey { set(CURLOPT_SSLKEY_BLOB, bytesOf: key.reveal()) }
        if let socket = configuration.unixSocket { set(CURLOPT_UNIX_SOCKET_PATH, socket) }
        if request.limits.body < .max {
            _ = cygni_curl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(request.limits.body))
        }
        _ = cygni_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, detail)
        configureMethod()
        for header in request.headers { try add(header.name, header.value) }
        // Else libcurl waits a second for a word that many servers never say.
        try add("Expect", "")
        _ = cygni_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList)
        setCallbacks()
    }

    private func configureMethod() {
        let carriesBody = ["PUT", "POST", "PATCH"].contains(request.method) || request.body.length != 0
        if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if carriesBody {
            set(CURLOPT_UPLOAD, 1)
            set(CURLOPT_CUSTOMREQUEST, request.method)
            if let length = request.body.length {
                _ = cygni_curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
            }
        } else if request.method != "GET" {
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        set(CURLOPT_UPLOAD_BUFFERSIZE, 256 * 1024)
        set(CURLOPT_BUFFERSIZE, 256 * 1024)
    }

    /// A header with an empty value is one that libcurl leaves out.
    private func add(_ name: String, _ value: String) throws {
        let line = "\(name):\(value.isEmpty ? "" : " \(value)")"
        guard !line.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
            throw HTTPError(.request, "header '\(name)' holds a line break")
        }
        headerList = curl_slist_append(headerList, line)
    }

    private func set(_ option: CURLoption, _ value: Int) {
        _ = cygni_curl_set_long(easy, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        _ = cygni_curl_set_text(easy, option, value)
    }

    private func set(_ option: CURLoption, bytesOf text: String) {
        let bytes = Array(text.utf8)
        _ = cygni_curl_set_blob(easy, option, bytes, bytes.count)
    }

    /// The head is whole: whoever waits for it goes on.
    func giveHead() {
        isHeadGiven = true
        let head = Head(status: status, headers: headers)
        takeWaiter()?.resume(returning: head)
    }

    /// The exchange has ended.
    func finish(_ code: CURLcode) {
        upload?.abandon()
        let result: Result<Void, any Error> =
            if let fault { .failure(fault) } else if code == CURLE_OK { .success(()) } else {
                .failure(HTTPError(code: code, detail: String(cString: detail)))
            }
        if case .failure(let error) = result { takeWaiter()?.resume(throwing: error) }
        if case .success = result, !isHeadGiven { giveHead() }
        body.finish(result)
    }

    func takeWaiter() -> CheckedContinuation<Head, any Error>? {
        head.withLock { waiter in
            defer { waiter = nil }
            return waiter
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int {
        max(1, Int(clamping: microseconds / 1000))
    }
}
