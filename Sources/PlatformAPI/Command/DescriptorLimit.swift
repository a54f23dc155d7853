import Glibc

/// How many files and connections this process may have open (getrlimit(2)).
enum DescriptorLimit {
    /// Up to what the administrator allows: the usual 1,024 would be the end of a thousand idle clients.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
