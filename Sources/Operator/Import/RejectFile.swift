import CygniIntake
import CygniModel
import Glibc

/// Keeps the lines that were not taken, word for word, each behind a comment with its number and the reason.
///
/// Once mended, the file can be imported as it is: the comments are stepped over, and a CSV's heading leads it. It is
/// made at the first rejected line. What an earlier import left there stays until this one has read its first batch.
final class RejectFile {
    /// Where the lines go; known for good once the first batch was read.
    private(set) var path: String
    private(set) var count = 0
    /// Bytes that the file has, after ``flush()``.
    private(set) var length = 0
    var start = RejectStart.replace
    /// How often each reason came, without the parts that differ from line to line.
    private(set) var reasons: [String: Int] = [:]
    /// A CSV's heading, for the start of the file.
    var heading: [UInt8] = []

    private let isDry: Bool
    private var file: UnsafeMutablePointer<FILE>?
    private var endsWithLine = true
    private var isPrepared = false

    /// What stands before a line's number; such lines are stepped over by an import.
    static let mark: StaticString = "#rejected line "

    /// - Parameter isDry: counts only.
    init(path: String, isDry: Bool) {
        self.path = path
        self.isDry = isDry
    }

    deinit {
        if let file { fclose(file) }
    }

    /// Refuses to write into the file that is read.
    func check(isNot input: InputFile) throws {
        var facts = stat()
        guard stat(path, &facts) == 0, [UInt64(facts.st_dev), UInt64(facts.st_ino)] == input.identity else { return }
        throw ImportError(
            description: "'\(path)' is the file to import, so rejected lines cannot go there: choose with --rejects",
            status: .usage
        )
    }

    /// Keeps a line, or the start of one that is too long to be handed over in one piece.
    func add(line: Int, _ reason: String, _ bytes: ByteView) throws {
        count += 1
        reasons[Self.kind(of: reason), default: 0] += 1
        guard !isDry else { return }
        try open()
        if !endsWithLine { try write("\n") }
        try write("\(Self.mark)\(line): \(reason)\n")
        try write(bytes)
        endsWithLine = false
    }

    /// Adds to the line that was kept last.
    func addMore(_ bytes: ByteView) throws {
        if !isDry { try write(bytes) }
    }

    /// Brings everything to the file.
    func flush() throws {
        if !isDry { try prepare() }
        guard let file else { return }
        if !endsWithLine { try write("\n") }
        endsWithLine = true
        guard fflush(file) == 0 else { throw ImportError.rejects(path, errno) }
    }

    /// The reason without the value it quotes.
    static func kind(of reason: String) -> String {
        guard let from = reason.firstIndex(of: "'"), let to = reason.lastIndex(of: "'") else { return reason }
        let rest = from == to ? "" : reason[reason.index(after: to)...]
        return rest.isEmpty ? String(reason[..<from]).trimmingTail : reason[..<from] + "'…'" + rest
    }

    private func prepare() throws {
        guard !isPrepared else { return }
        isPrepared = true
        path = try start.prepare(path)
        length = RejectStart.size(path)
    }

    private func open() throws {
        guard file == nil else { return }
        try prepare()
        guard let opened = fopen(path, "ae") else { throw ImportError.rejects(path, errno) }
        file = opened
        if length == 0, !heading.isEmpty {
            try heading.withUnsafeBufferPointer { try write($0) }
            try write("\n")
        }
    }

    private func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write($0) }
    }

    private func write(_ bytes: ByteView) throws {
        guard bytes.isEmpty || fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else {
            throw ImportError.rejects(path, errno)
        }
        length += bytes.count
    }
}

extension String {
    /// Without a colon and blanks behind.
    fileprivate var trimmingTail: String {
        var text = Substring(self)
        while let last = text.last, last == ":" || last == " " { text.removeLast() }
        return String(text)
    }
}
