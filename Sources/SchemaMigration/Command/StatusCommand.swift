import ArgumentParser
import CygniJobs
import CygniModel

/// `cygni-migrate status`
struct StatusCommand: MigrateAction {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is applied, what is pending and what contradicts; changes nothing."
    )

    @OptionGroup var common: MigrateOptions

    @Flag(help: "End with status 3 when anything is pending or contradicts.")
    var check = false

    func perform(_ scene: MigrateScene) async throws -> ExitStatus {
        let target = try MigrateTarget(common, scene.surroundings)
        let migrator = try scene.migrator(target, isReadOnly: true)
        return try await scene.supervise(target) {
            let inspection = try await migrator.inspect()
            let plan = inspection.plan
            show(plan, inspection.facts.begun, scene)
            let applied = plan.entries.count - plan.pending.count
            scene.book.count("files", plan.entries.count)
            scene.book.count("applied", applied)
            scene.book.count("pending", plan.pending.count)
            scene.book.count("drifts", plan.drifts.count)
            let place =
                "database \(inspection.facts.database), \(migrator.set.isPlatform ? "platform" : migrator.set.origin)"
            let drifts = plan.drifts.isEmpty ? "" : ", \(plan.drifts.count) in contradiction"
            scene.text.say("\(applied) applied, \(plan.pending.count) pending\(drifts) (\(place))")
            return check && !(plan.pending.isEmpty && plan.drifts.isEmpty) ? .pending : .success
        }
    }

    private func show(_ plan: MigrationPlan, _ begun: [BegunMigration], _ scene: MigrateScene) {
        let width = plan.entries.map(\.file.name.count).max() ?? 0
        let drifting = Set(plan.drifts.map(\.file))
        var lines: [String] = []
        for entry in plan.entries where !drifting.contains(entry.file.name) {
            let halfWay = begun.first { $0.version == entry.file.version }.flatMap { words(for: $0, entry.file) }
            if let applied = entry.applied {
                scene.book.add(entry.file.name, "apply", .done, reason: halfWay)
                let remark = halfWay ?? "\(applied.appliedAt.rfc3339)  \(applied.duration.brief)"
                let color: MigrateText.Color = halfWay == nil ? .green : .yellow
                lines.append(scene.text.lined("applied", color, entry.file.name, remark, width: width))
            } else {
                scene.book.add(entry.file.name, "apply", .pending, reason: halfWay)
                lines.append(scene.text.lined("pending", .yellow, entry.file.name, halfWay ?? "", width: width))
            }
        }
        // Hundreds of files in one write: each would wake the reader of a pipe.
        if !lines.isEmpty { scene.text.say(lines.joined(separator: "\n")) }
        DriftText.show(plan.drifts, scene)
    }
}

/// What an earlier run left half-way, in words.
private func words(for begun: BegunMigration, _ file: MigrationFile) -> String? {
    guard let section = begun.direction == .up ? file.up : file.down else { return nil }
    let verb = begun.direction == .up ? "applied" : "reverted"
    return "half \(verb): \(begun.done) of \(counted(section.statements.count, "statement")) done"
}

/// How `status` and `verify` tell what contradicts.
enum DriftText {
    static func show(_ drifts: [Drift], _ scene: MigrateScene) {
        for drift in drifts {
            scene.book.add(drift.file, "verify", .failed, reason: drift.problem)
            scene.text.line(drift.kind.word, .red, drift.file)
            for line in drift.description.split(separator: "\n") { scene.text.say("    \(line)") }
        }
    }
}

extension Drift.Kind {
    fileprivate var word: String {
        switch self {
        case .edited: "edited"
        case .missing: "missing"
        case .outOfOrder: "too late"
        case .newer: "newer"
        }
    }
}
