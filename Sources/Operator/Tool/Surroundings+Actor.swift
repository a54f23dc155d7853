import CygniCommand
import Glibc

extension Surroundings {
    /// `user:anna@web1`: who typed it, also behind sudo.
    var actor: String {
        let names = ["SUDO_USER", "USER", "LOGNAME"].compactMap { environment[$0] }
        return "user:\(names.first { !$0.isEmpty } ?? "uid-\(getuid())")@\(host)"
    }
}
