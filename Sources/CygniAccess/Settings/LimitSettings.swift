package import CygniConfig
package import CygniModel

/// What one request, and all of them together, may take.
package struct LimitSettings: ConfigSection {
    package let body: ByteCount
    package let headers: ByteCount
    package let time: Duration
    package let idle: Duration
    package let requests: Int
    package let connections: Int
    package let drain: Duration
    package let streams: Int
    package let watch: Duration

    package init(reading reader: inout ConfigReader) {
        body = reader.value(
            "body",
            .size(ByteCount(1024)...ByteCount(64 << 20)),
            default: ByteCount(1 << 20),
            "The largest body of a request."
        )
        headers = reader.value(
            "headers",
            .size(ByteCount(4096)...ByteCount(1 << 20)),
            default: ByteCount(32 << 10),
            "All header fields of a request together."
        )
        time = reader.value(
            "time",
            .duration(.seconds(1) ... .minutes(10)),
            default: .seconds(30),
            "How long one request may take, its body included."
        )
        idle = reader.value(
            "idle",
            .duration(.seconds(1) ... .hours(1)),
            default: .seconds(60),
            "After it a connection on which nothing happens is closed."
        )
        requests = reader.value(
            "requests",
            .integer(1...100_000),
            default: 256,
            "Requests at once; more are refused with 503."
        )
        connections = reader.value(
            "connections",
            .integer(1...1_000_000),
            default: 20_000,
            "Connections at once; more wait to be accepted."
        )
        drain = reader.value(
            "drain",
            .duration(.seconds(1) ... .minutes(10)),
            default: .seconds(20),
            "How long the server waits for requests under way when it is stopped."
        )
        streams = reader.value(
            "streams",
            .integer(0...10_000),
            default: 100,
            "Logs that may be watched at once."
        )
        watch = reader.value(
            "watch",
            .duration(.seconds(1) ... .hours(1)),
            default: .minutes(5),
            "How long a log is sent before whoever watches must come again, with credentials that still hold."
        )
    }
}

/// How many requests a tenant of a plan may make: a steady rate, of which some may come at once.
package struct RateSettings: ConfigSection {
    /// Per minute.
    package let reads: Int
    package let writes: Int
    package let ingest: Int

    package init(reading reader: inout ConfigReader) {
        reads = reader.value("reads", .integer(1...10_000_000), default: 3000, "Reading requests a minute.")
        writes = reader.value("writes", .integer(1...10_000_000), default: 300, "Changing requests a minute.")
        ingest = reader.value(
            "ingest",
            .integer(1...10_000_000),
            default: 1200,
            "Requests a minute that bring metrics or logs, however many lines each has."
        )
    }

    package init(reads: Int, writes: Int, ingest: Int) {
        (self.reads, self.writes, self.ingest) = (reads, writes, ingest)
    }

    /// What a plan has that the settings do not name.
    package static let standard = RateSettings(reads: 3000, writes: 300, ingest: 1200)
}
