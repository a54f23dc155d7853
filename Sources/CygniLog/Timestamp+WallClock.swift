package import CygniModel
import Glibc

extension Timestamp {
    /// This machine's idea of the time; for logs and reports, never for a decision that several machines must share.
    package static func wallClock() -> Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
    }
}
