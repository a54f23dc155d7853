import CygniJobs

/// Tells in what a database is not what its migrations make.
enum SchemaDriftText {
    static func show(_ differences: [SchemaDifference], _ scene: MigrateScene) {
        for difference in differences {
            let lines = lines(difference)
            let reason = lines.map { $0.drop { $0 == " " } }.joined(separator: "; ")
            scene.book.add(difference.object, "compare", .failed, reason: "\(difference.kind): \(reason)")
            scene.text.line(difference.kind.rawValue, difference.kind == .differs ? .yellow : .red, difference.object)
            for line in lines.prefix(linesShown) { scene.text.say(line) }
            if lines.count > linesShown { scene.text.say("    … and \(lines.count - linesShown) more lines") }
        }
        scene.book.count("differences", differences.count)
        scene.text.say(
            differences.isEmpty
                ? "the schema is what the files make"
                : "\(counted(differences.count, "object")) not as the files make it: write what is missing as a migration, "
                    + "or undo it by hand"
        )
    }

    /// Of one object's definition.
    private static let linesShown = 40

    private static func lines(_ difference: SchemaDifference) -> [String] {
        switch difference.kind {
        case .missing: ["    the files make it, the database does not have it"]
        case .extra: ["    the database has it, no file makes it"]
        case .differs:
            DumpText.differences(from: difference.expected ?? "", to: difference.found ?? "")
                .map { "    \($0.hasPrefix("-") ? "files:    " : "database: ")\($0.dropFirst())" }
        }
    }
}
