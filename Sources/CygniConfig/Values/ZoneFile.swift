package import CygniModel
import Glibc

/// The compiled time zones of this machine.
package enum ZoneFile {
    static let folder = "/usr/share/zoneinfo"

    /// Reads a zone by its IANA name; UTC needs no file, so that it works where tzdata is not installed.
    ///
    /// - Throws: ``ZoneRules/Fault`` when there is no such zone, or its file is none.
    package static func rules(of name: String) throws(ZoneRules.Fault) -> ZoneRules {
        name == "UTC" ? .utc : try ZoneRules(tzif: bytes(of: name))
    }

    package static func bytes(of name: String) throws(ZoneRules.Fault) -> [UInt8] {
        guard let bytes = read("\(folder)/\(name)") else {
            throw ZoneRules.Fault(description: "there is no file \(folder)/\(name)")
        }
        return bytes
    }

    /// No zone is larger than this many bytes; the largest there is has 4 kB.
    private static let limit = 1 << 20

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = fread(&bytes, 1, limit, file)
        guard count < limit, ferror(file) == 0 else { return nil }
        return Array(bytes.prefix(count))
    }
}
