/// The part of its jitter that a host waits with a job: always the same, so that runs keep their distance, and different
/// from one host to the next.
package enum HostJitter {
    /// From 0 up to 1.
    package static func fraction(host: String, job: String) -> Double {
        // FNV-1a, then the finalizer of MurmurHash3: names that differ in one letter are far apart.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(host)\u{0}\(job)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return Double((hash ^ hash >> 33) >> 11) / Double(1 << 53)
    }
}
