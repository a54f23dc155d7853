import CCurl
import Glibc

// What libcurl calls, on the loop's thread. Each gets the transfer as its last argument.

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

extension Transfer {
    /// The loop keeps the transfer alive for as long as libcurl knows the handle.
    func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        for option in [
            CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_OPENSOCKETDATA,
        ] {
            _ = cygni_curl_set_pointer(easy, option, context)
        }
        _ = cygni_curl_set_data(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            transfer(context)?.received(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        _ = cygni_curl_set_data(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
            transfer(context)?.received(headerLine: line)
            return size * count
        }
        _ = cygni_curl_set_data(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
            transfer(context)?.send(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        _ = cygni_curl_set_seek(easy) { context, offset, origin in
            guard origin == SEEK_SET, let transfer = transfer(context), transfer.request.body.isReplayable else {
                return CURL_SEEKFUNC_CANTSEEK
            }
            transfer.sent = Int64(offset)
            return CURL_SEEKFUNC_OK
        }
        _ = cygni_curl_set_open(easy) { context, _, address in
            guard let address, let transfer = transfer(context) else { return CURL_SOCKET_BAD }
            if let why = transfer.addresses?.refusal(of: address) {
                transfer.fault = HTTPError(.address, "its address is not allowed here: \(why)")
                return CURL_SOCKET_BAD
            }
            return cygni_curl_socket(address)
        }
    }

    private func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard received + Int64(bytes.count) <= request.limits.body else {
            fault = HTTPError(.tooLarge, "the answer is longer than \(request.limits.body) bytes")
            return 0
        }
        guard body.offer(bytes) else { return Int(CURL_WRITEFUNC_PAUSE) }
        received += Int64(bytes.count)
        return bytes.count
    }

    private func received(headerLine: String) {
        // Trailers come after the body.
        guard !isHeadGiven else { return }
        let line = headerLine.filter { !$0.isNewline }
        if line.hasPrefix("HTTP/") {
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = []
        } else if line.isEmpty {
            // 1xx answers come before the one that counts.
            if status >= 200 { giveHead() }
        } else if let colon = line.firstIndex(of: ":") {
            headers.append((line[..<colon].lowercased(), String(line[line.index(after: colon)...]).trimmingSpaces))
        }
    }

    private func send(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch request.body {
        case .none: return 0
        case .bytes(let bytes):
            let count = min(buffer.count, bytes.count - Int(sent))
            buffer.copyBytes(from: bytes[Int(sent)..<Int(sent) + count])
            sent += Int64(count)
            return count
        case .file(let file):
            let wanted = min(buffer.count, Int(file.length - sent))
            let count = wanted > 0 ? pread(file.descriptor, buffer.baseAddress, wanted, off_t(file.offset + sent)) : 0
            guard count > 0 || wanted == 0 else {
                let cause = count == 0 ? "it is shorter than it was" : String(cString: strerror(errno))
                fault = HTTPError(.request, "failed to read the file that is sent: \(cause)")
                return Int(CURL_READFUNC_ABORT)
            }
            sent += Int64(count)
            return count
        case .stream:
            switch upload?.take(buffer) {
            case .bytes(let count): return count
            case .pause: return Int(CURL_READFUNC_PAUSE)
            case .failed(let error):
                fault = error
                return Int(CURL_READFUNC_ABORT)
            case .end, nil: return 0
            }
        }
    }
}
