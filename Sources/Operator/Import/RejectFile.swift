import CygniModel
import Glibc

/// Keeps the lines that were not taken, word for word, each behind a comment with its number and the reason.
///
/// Once mended, the file can be imported as it is: the comments are stepped over, and a CSV's heading leads it. It is
/// made at the first rejected line, and added to when it is there already, so that nothing is lost.
final class RejectFile {
    let path: String
    private(set) var count = 0
    /// How often each reason came, without the parts that differ from line to line.
    private(set) var reasons: [String: Int] = [:]
    /// A CSV's heading, for the start of the file.
    var heading: [UInt8] = []

    private let isDry: Bool
    private var file: UnsafeMutablePointer<FILE>?
    private var endsWithLine = true

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
        guard let file else { return }
        if !endsWithLine { try write("\n") }
        endsWithLine = true
        guard fflush(file) == 0 else { throw failure() }
    }

    /// The reason up to the value it quotes.
    private static func kind(of reason: String) -> String {
        String(reason.prefix { $0 != "'" }).trimmingTail
    }

    private func open() throws {
        guard file == nil else { return }
        var facts = stat()
        let isNew = stat(path, &facts) != 0 || facts.st_size == 0
        guard let opened = fopen(path, "ae") else { throw failure() }
        file = opened
        if isNew, !heading.isEmpty {
            try heading.withUnsafeBufferPointer { try write($0) }
            try write("\n")
        }
    }

    private func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write($0) }
    }

    private func write(_ bytes: ByteView) throws {
        guard bytes.isEmpty || fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else { throw failure() }
    }

    private func failure() -> ImportError {
        ImportError(
            description:
                "failed to write '\(path)': \(String(cString: strerror(errno))); choose another file with --rejects"
        )
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
