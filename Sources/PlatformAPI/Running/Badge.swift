import CygniAccess
import CygniModel
import FoundationEssentials
import JobBook

/// A picture of how a job stands, for a page that cannot send credentials: its address holds a code that only the server can
/// make, so that nobody can look for jobs that were not shown to them.
enum Badge {
    /// 16 bytes of a MAC.
    private static func key(of job: String, _ secret: ServerSecret) -> ArraySlice<UInt8> {
        secret.code(.badge, [job]).prefix(16)
    }

    /// Takes as long whatever is wrong with it.
    static func isKey(_ text: String, of job: String, _ secret: ServerSecret) -> Bool {
        guard let bytes = Base64URL.decode(exactly: text), bytes.count == 16 else { return false }
        return zip(bytes, key(of: job, secret)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func path(of job: String, _ secret: ServerSecret) -> String {
        "/v2/badges/\(job)/\(Base64URL.encode(key(of: job, secret)))"
    }

    /// - Returns: SVG 1.1, with the words in its title too.
    static func picture(_ job: String, _ standing: JobStanding) -> String {
        // DejaVu Sans and Verdana at 11 px are about that wide.
        let (left, right) = (width(job), width(standing.rawValue))
        let colour =
            switch standing {
            case .fine: "#2a6f3c"
            case .failing: "#a61b1b"
            case .late: "#8a4b00"
            case .running: "#1f5c99"
            case .paused, .new: "#5c5c5c"
            }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" \
            aria-label="\(job): \(standing.rawValue)"><title>\(job): \(standing.rawValue)</title>\
            <rect width="\(left)" height="20" fill="#3a3a3a"/>\
            <rect x="\(left)" width="\(right)" height="20" fill="\(colour)"/>\
            <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\
            <text x="\(left / 2)" y="14">\(job)</text><text x="\(left + right / 2)" y="14">\(standing.rawValue)</text></g></svg>

            """
    }

    private static func width(_ text: String) -> Int { text.count * 7 + 12 }
}
