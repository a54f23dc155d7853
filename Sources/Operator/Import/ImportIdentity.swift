import FoundationEssentials
import Glibc

/// By what an import is known again: its file as it stands, and what the command line makes of it.
struct ImportIdentity: Sendable {
    /// Empty for standard input, which nobody can know again.
    let text: String

    init(_ input: InputFile, _ options: ImportOptions, more: [String]) {
        guard let version = input.version else {
            text = ""
            return
        }
        let flags = [options.tenant ?? "", options.project ?? ""] + more
        text = (version + flags).joined(separator: "\n")
    }
}

extension InputFile {
    /// Path, size and time of the last change; nil for what is no file.
    fileprivate var version: [String]? {
        guard !isStandardInput, let size, let resolved = realpath(name, nil) else { return nil }
        defer { free(resolved) }
        return [String(cString: resolved), "\(size)", "\(changedAt)"]
    }
}
