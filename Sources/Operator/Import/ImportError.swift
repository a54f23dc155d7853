import CygniIntake
import CygniModel
import Glibc

/// Why an import cannot go on; nothing of the batch in hand was kept.
struct ImportError: Error, CustomStringConvertible {
    let description: String
    var status = ExitStatus.failure

    static func unreadable(_ path: String, _ number: Int32) -> ImportError {
        ImportError(description: "failed to read '\(path)': \(String(cString: strerror(number)))")
    }

    static func rejects(_ path: String, _ number: Int32) -> ImportError {
        ImportError(
            description:
                "failed to write '\(path)': \(String(cString: strerror(number))); choose another file with --rejects"
        )
    }

    static func heading(_ problem: String, _ record: ByteView) -> ImportError {
        ImportError(description: "\(problem); it is: \(record.part(0, min(record.count, 200)).text)")
    }

    static func lacking(_ names: [String]) -> ImportError {
        let flags = names.map { "--\($0) NAME" }.joined(separator: " ")
        return ImportError(
            description: "the rows do not say which \(names.joined(separator: ", ")) they belong to: add \(flags)",
            status: .usage
        )
    }
}
