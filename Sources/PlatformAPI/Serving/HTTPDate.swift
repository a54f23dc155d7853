import CygniModel

/// A time as header fields have it (RFC 9110, 5.6.7).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter seconds: Unix time, not before 1970.
    static func text(_ seconds: Int64) -> String {
        // 2026-11-22T03:17:00…
        let parts = Timestamp(seconds: seconds).rfc3339.split { "-T:.Z".contains($0) }
        let month = months[(Int(parts[1]) ?? 1) - 1]
        let day = days[Int(seconds / 86_400 % 7)]
        return "\(day), \(parts[2]) \(month) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}
