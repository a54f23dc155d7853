import CygniJobs
import CygniModel
import FoundationEssentials

/// A command of the operator's, which deletes and probes.
struct HookProgram: BelongingKeeper {
    let program: Program

    func delete(_ belonging: Belonging, of preview: Preview) async throws -> Int64 {
        try await call("delete", belonging, preview)
        return 0
    }

    func probe(_ belonging: Belonging, of preview: Preview) async throws { try await call("probe", belonging, preview) }

    private func call(_ action: String, _ belonging: Belonging, _ preview: Preview) async throws {
        let message = JSONValue.object([
            ("action", .string(action)), ("class", .string(belonging.kind.rawValue)), ("name", .string(belonging.name)),
            ("deployment", .string(preview.name)), ("tenant", .string(preview.tenant.uuidString.lowercased())),
        ])
        do {
            try await program.run(input: message.text + "\n")
        } catch {
            throw TeardownFault("\(action) of \(belonging.words): \(error)")
        }
    }
}
