import CygniModel
import Synchronization

/// What the server counts of its requests, in Prometheus' text format.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct State {
        var counts: [Key: Int] = [:]
        var buckets: [String: [Int]] = [:]
        var sums: [String: Double] = [:]
        var inFlight = 0
    }

    /// Upper bounds of the histogram, seconds.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
    private let state = Mutex(State())

    /// - Returns: whether there are fewer requests under way than `limit`.
    func enter(limit: Int) -> Bool {
        state.withLock { state in
            guard state.inFlight < limit else { return false }
            state.inFlight += 1
            return true
        }
    }

    func leave() { state.withLock { $0.inFlight -= 1 } }

    /// - Parameter route: the operation's path with its braces, so that there are few of them.
    func note(method: String, route: String, status: Int, duration: Double) {
        state.withLock { state in
            state.counts[Key(method: method, route: route, status: status), default: 0] += 1
            state.sums[route, default: 0] += duration
            let place = Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count
            state.buckets[route, default: Array(repeating: 0, count: Self.bounds.count + 1)][place] += 1
        }
    }

    var text: String {
        let state = state.withLock { $0 }
        var text = "# HELP cygni_api_requests_total Requests answered.\n# TYPE cygni_api_requests_total counter\n"
        for (key, count) in state.counts.sorted(by: { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) }) {
            text +=
                "cygni_api_requests_total{method=\"\(key.method)\",route=\"\(key.route)\",status=\"\(key.status)\"} \(count)\n"
        }
        text += "# HELP cygni_api_requests_in_flight Requests under way.\n# TYPE cygni_api_requests_in_flight gauge\n"
        text += "cygni_api_requests_in_flight \(state.inFlight)\n"
        let name = "cygni_api_request_duration_seconds"
        text += "# HELP \(name) How long answers took, bodies that are streamed aside.\n# TYPE \(name) histogram\n"
        for (route, buckets) in state.buckets.sorted(by: { $0.key < $1.key }) {
            var sum = 0
            for (index, count) in buckets.enumerated() {
                sum += count
                let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
                text += "\(name)_bucket{route=\"\(route)\",le=\"\(bound)\"} \(sum)\n"
            }
            text +=
                "\(name)_sum{route=\"\(route)\"} \(state.sums[route, default: 0])\n\(name)_count{route=\"\(route)\"} \(sum)\n"
        }
        return text
    }
}
