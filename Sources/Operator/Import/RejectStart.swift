import CygniIntake
import CygniModel
import Glibc

/// What becomes of a reject file that is there when an import starts. A line must not stand in it twice, nor stay when
/// it was imported since: the file is mended and imported itself.
enum RejectStart: Sendable, Equatable {
    /// The import reads its input from the start, and makes the file anew.
    case replace
    /// The import goes on after the last batch of an earlier one, when the file had this length. What stands behind it
    /// is rejected once more. Nil: nobody noted it, and all stays.
    case cut(Int?)
    /// What is there came from another input, and stays: the file gets a number.
    case another
}

extension RejectStart {
    /// Refuses to replace what is no reject file.
    func check(_ path: String) throws {
        guard self == .replace, Self.size(path) > 0, !Self.hasMark(path) else { return }
        throw ImportError(
            description: "'\(path)' holds something else than rejected lines: move it away, or choose with --rejects",
            status: .usage
        )
    }

    /// Makes way for the lines to come.
    ///
    /// - Returns: where they go.
    func prepare(_ path: String) throws -> String {
        guard Self.size(path) > 0 else { return path }
        switch self {
        case .replace:
            guard unlink(path) == 0 else { throw ImportError.rejects(path, errno) }
        case .cut(let length?):
            guard Self.isEndOfLine(path, length) else { break }
            guard truncate(path, length) == 0 else { throw ImportError.rejects(path, errno) }
        case .cut(nil): break
        case .another:
            for number in 2... {
                let other = "\(path).\(number)"
                if access(other, F_OK) != 0 { return other }
            }
        }
        return path
    }

    /// Bytes of a file; 0 for what is none, a device for instance.
    static func size(_ path: String) -> Int {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(facts.st_size)
    }

    private static func hasMark(_ path: String) -> Bool {
        guard let file = fopen(path, "re") else { return false }
        defer { fclose(file) }
        // Behind the heading, which is no longer than a record.
        let bytes = read(file, RecordReader.recordLimit + 64)
        return bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while start < bytes.count {
                if bytes.has(RejectFile.mark, at: start) { return true }
                guard let end = bytes.position(of: byte("\n"), from: start) else { return false }
                start = end + 1
            }
            return false
        }
    }

    /// Whether a line ends there, and a rejected one follows or none: otherwise someone has edited the file.
    private static func isEndOfLine(_ path: String, _ length: Int) -> Bool {
        guard length > 0 else { return hasMark(path) }
        guard let file = fopen(path, "re") else { return false }
        defer { fclose(file) }
        guard fseek(file, length - 1, SEEK_SET) == 0 else { return false }
        let bytes = read(file, 1 + RejectFile.mark.utf8CodeUnitCount)
        guard bytes.first == byte("\n") else { return false }
        return bytes.count == 1 || bytes.withUnsafeBufferPointer { $0.has(RejectFile.mark, at: 1) }
    }

    private static func read(_ file: UnsafeMutablePointer<FILE>, _ limit: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = fread(buffer.baseAddress, 1, limit, file)
        }
    }
}
