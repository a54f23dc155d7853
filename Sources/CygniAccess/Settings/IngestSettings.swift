package import CygniConfig
package import CygniModel

/// Metrics and logs on their way in.
package struct IngestSettings: ConfigSection {
    package let queue: ByteCount
    package let past: Duration
    package let future: Duration

    package init(reading reader: inout ConfigReader) {
        queue = reader.value(
            "queue",
            .size(ByteCount(1 << 20)...ByteCount(4 << 30)),
            default: ByteCount(64 << 20),
            """
            Bytes of bodies, unpacked, that may wait to be written at once; more is refused with 429. One tenant gets half of \
            it at most.
            """
        )
        past = reader.value(
            "past",
            .duration(.hours(1) ... .days(3650)),
            default: .days(7),
            "How old a line or sample may be. Days that retention has taken are closed, whatever this says."
        )
        future = reader.value(
            "future",
            .duration(.zero ... .days(1)),
            default: .minutes(10),
            "How far ahead of the server's clock its time may be."
        )
    }
}
