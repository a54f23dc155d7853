import CygniJobs
import CygniModel
import FoundationEssentials

/// A command of the operator's, which says whose a thing is, deletes and probes.
struct HookProgram: BelongingKeeper {
    let program: Program

    func delete(_ belonging: Belonging, of preview: Preview) async throws {
        // The row that names the thing may be anybody's word; what stands on the thing is not.
        let owner = try await call("owner", belonging, preview)
        guard !owner.isEmpty else { return }
        guard owner.lowercased() == preview.name else {
            throw TeardownFault("the hook says that \(belonging.words) is of '\(owner.printable)': it was left alone")
        }
        try await call("delete", belonging, preview)
    }

    func probe(_ belonging: Belonging, of preview: Preview) async throws {
        try await call("probe", belonging, preview)
    }

    /// - Returns: what it printed, without space around it.
    @discardableResult
    private func call(_ action: String, _ belonging: Belonging, _ preview: Preview) async throws -> String {
        let message = JSONValue.object([
            ("action", .string(action)), ("class", .string(belonging.kind.rawValue)), ("name", .string(belonging.name)),
            ("deployment", .string(preview.name)), ("tenant", .string(preview.tenant.text)),
        ])
        do {
            let printed = try await program.run(input: message.text + "\n")
            return printed.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        } catch {
            throw TeardownFault("\(action) of \(belonging.words): \(error)")
        }
    }
}
