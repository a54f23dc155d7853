/// A time of a zone's clock, and which moments it is: one, none where clocks are put forward, or two where they are put
/// back.
package enum LocalMoment: Hashable, Sendable {
    case once(Timestamp)
    /// Clocks jump over it at this moment.
    case skipped(at: Timestamp)
    case twice(Timestamp, Timestamp)

    /// - Parameter local: the time as that clock shows it, taken for UTC.
    package init(_ local: Timestamp, in zone: ZoneRules) {
        let seconds = local.microseconds / 1_000_000
        let span = seconds - 2 * 86_400..<seconds + 2 * 86_400
        let changes = zone.transitions(in: span)
        let offsets = Set([zone.offset(at: span.lowerBound)] + changes.map(\.after))
        let real = offsets.filter { zone.offset(at: seconds - Int64($0)) == $0 }.map { seconds - Int64($0) }.sorted()
        if real.count > 1 {
            self = .twice(Timestamp(seconds: real[0]), Timestamp(seconds: real[1]))
        } else if let only = real.first {
            self = .once(Timestamp(seconds: only))
        } else {
            let gap = changes.first { $0.at + Int64($0.before) <= seconds && seconds < $0.at + Int64($0.after) }
            self = .skipped(at: Timestamp(seconds: gap?.at ?? seconds))
        }
    }
}
