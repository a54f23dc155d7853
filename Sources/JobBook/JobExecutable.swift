import CygniJobs
import CygniModel
import FoundationEssentials
import Glibc

/// Where a job's executable is.
package struct JobExecutable: Sendable {
    package let path: String

    /// The one beside this process's own, else the first in PATH.
    ///
    /// - Throws: ``JobFailure`` of status `configuration` when there is none.
    package init(_ name: String, _ environment: [String: String]) throws {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = own.lastIndex(of: "/").map { String(own[..<$0]) }
        let search = environment["PATH", default: ""].split(separator: ":").map(String.init)
        let folders = (beside.map { [$0] } ?? []) + search
        guard let folder = folders.first(where: { access("\($0)/\(name)", X_OK) == 0 }) else {
            let here = own.split(separator: "/").last ?? "this program"
            throw JobFailure("there is no executable '\(name)' beside \(here) or in PATH", status: .configuration)
        }
        path = "\(folder)/\(name)"
    }
}
