/// What one server said to one question.
package enum DirectAnswer: Hashable, Sendable {
    case message(Message, milliseconds: Double, overTCP: Bool)
    case timeout
    /// Nobody listens there, or the network leads nowhere.
    case unreachable(String)
    case garbled(String)
}

/// One question to one server, over UDP with a socket and an id of its own, and over TCP when the answer was cut off
/// (RFC 7766).
struct Exchange {
    enum Phase: Hashable {
        case udp
        case connecting, sending, reading
    }

    let query: Query
    let server: ServerAddress
    var phase = Phase.udp
    var descriptor: Int32
    var due: ContinuousClock.Instant
    var triesLeft: Int
    let started: ContinuousClock.Instant
    /// What is still to be sent, or what came, over TCP.
    var bytes: [UInt8] = []
    let end: @Sendable (DirectAnswer) -> Void
}
