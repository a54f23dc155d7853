import ArgumentParser
import CygniCommand
import CygniModel
import CygniPostgres
import FoundationEssentials

/// `cygni retention erase-tenant`.
struct EraseTenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase-tenant",
        abstract: "Show everything that a tenant has; with --confirm erase it, and prove that nothing is left.",
        discussion: """
            Rows, also in partitions and in quarantine, roll-ups, archived lines, what its
            deployments keep in the object store. What a legal hold keeps stays, and is told.
            Archives are made anew without its lines; other tenants' lines are proven to be the
            same. It can be run again after it was cut off. You do it as cygni_owner, which
            database.url has to be able to act as. Backups of before are not reached.

            EXIT STATUS
              0 nothing is left but what the law wants kept  2 something is left, and why is told

            EXAMPLES
              cygni retention erase-tenant acme
              cygni retention erase-tenant acme --confirm acme
              cygni retention erase-tenant 0b1c9c52-0f5c-4d0e-9a52-3a9c4c6b7d10 --output json
            """
    )

    @Argument(help: "The tenant's slug, or its id.")
    var tenant: String

    @Option(help: ArgumentHelp("Do it: the same name again.", valueName: "slug|id"))
    var confirm: String?

    @OptionGroup var access: ArchiveAccess
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard confirm == nil || confirm == tenant else {
            throw ValidationError("--confirm '\(confirm ?? "")' is not the tenant '\(tenant)': nothing was done")
        }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        try await ToolFailure.reported(surroundings, output.format) {
            let owner = try await access.database.connect(surroundings, as: "cygni_owner")
            let name = tenant
            let (id, slug) = try await owner.access { session in
                guard let id = try TenantName.resolve(name, in: session) else {
                    throw ToolError("there is no tenant '\(name)'", status: .failure)
                }
                let slug = try session.query(ErasureReading.statements["tenant"], id).first?.get(
                    "slug",
                    as: String.self
                )
                return (id, slug ?? id.text)
            }
            let archives = try access.erasure(surroundings)
            let opensSealed = archives.opener != nil && archives.seal != nil
            let reading = ErasureReading(tenant: id, store: archives.store, opensSealed: opensSealed)
            let plan = try await reading.plan(slug: slug, owner)
            guard confirm != nil else {
                await owner.close()
                show(plan, isDone: false, [:], surroundings)
                return .success
            }
            let steps = ErasureSteps(
                run: UUID(),
                tenant: id,
                actor: surroundings.actor,
                reading: reading,
                archives: archives,
                owner: owner,
                jobs: try await access.database.connect(surroundings)
            )
            let faults = try await erase(plan, steps, surroundings)
            var proof = try await reading.plan(slug: slug, owner)
            proof.settle(faults: faults)
            await owner.close()
            await steps.jobs.close()
            show(proof, isDone: true, faults, surroundings)
            return proof.items.isEmpty && faults.isEmpty ? .success : .partial
        }
    }

    /// - Returns: what failed, by the item's name; the rest is done all the same.
    private func erase(_ plan: ErasurePlan, _ steps: ErasureSteps, _ surroundings: Surroundings) async throws
        -> [String: String]
    {
        var faults: [String: String] = [:]
        for item in plan.going {
            // Without what refers to it, a tenant's own row cannot go.
            if item.name == ErasurePlan.tenantRow, !faults.isEmpty { continue }
            do {
                try await steps.erase(item)
                surroundings.tell("\(item.name): \(item.count.grouped) gone")
            } catch let error as CancellationError {
                throw error
            } catch {
                let words = ToolFailure.words(for: error)
                faults[item.name] = words
                surroundings.tell("cygni: \(item.name): \(words)")
            }
        }
        return faults
    }

    private func show(_ plan: ErasurePlan, isDone: Bool, _ faults: [String: String], _ surroundings: Surroundings) {
        guard output.format == .text else {
            let report = JSONValue.object([
                ("erased", .bool(isDone)), ("left", plan.json),
                ("errors", .array(faults.sorted { $0.key < $1.key }.map { .string("\($0.key): \($0.value)") })),
            ])
            let shown = JSONValue.object([("erased", .bool(false)), ("found", plan.json)])
            return surroundings.show((isDone ? report : shown).text)
        }
        if isDone, plan.items.isEmpty {
            surroundings.show("nothing of tenant \(plan.slug) is left: looked for in every table, roll-up and archive")
            for (name, why) in plan.remains { surroundings.show("\(name): \(why)") }
            return
        }
        surroundings.show(plan.text(isDone: isDone))
        if !isDone {
            surroundings.tell(
                plan.going.isEmpty
                    ? "nothing of it would go"
                    : "nothing was done; to erase it: cygni retention erase-tenant \(tenant) --confirm \(tenant)"
            )
        }
    }
}
