import CygniModel

extension Drift {
    /// The file's content is not what was applied; nil when it is.
    static func edited(_ file: MigrationFile, _ applied: AppliedMigration?, in set: MigrationSet) -> Drift? {
        guard let applied, applied.sha256 != file.sha256 else { return nil }
        if applied.sha256 == file.sha256WithOtherLineEnds {
            return Drift(
                kind: .edited,
                file: file.name,
                problem: "'\(file.name)' has other line ends than when it was applied",
                wayOut: [
                    "Keep them as committed: add the line '*.sql -text' to .gitattributes and check the file out again."
                ]
            )
        }
        return Drift(
            kind: .edited,
            file: file.name,
            problem: "'\(file.name)' was edited after it was applied on \(applied.appliedAt.rfc3339): "
                + "sha256 \(applied.sha256.prefix(12))… then, \(file.sha256.prefix(12))… now",
            wayOut: set.isPlatform
                ? ["This executable is no release build of its version: install one."]
                : [
                    "Put the applied text back:  git log --oneline -- '\(file.path)'  then  git checkout COMMIT -- '\(file.path)'",
                    "and write the change as a migration of its own:  cygni-migrate new NAME --dir '\(set.origin)'",
                    "Or, when the database has the new text already, say so:  "
                        + set.command("repair \(file.version) --\(RepairChoice.acceptEdit.rawValue)"),
                ]
        )
    }

    /// A row of the ledger that no file stands for.
    static func withoutFile(_ row: AppliedMigration, newestFile: MigrationVersion?, in set: MigrationSet) -> Drift {
        let isNewer = newestFile.map { row.version > $0 } ?? true
        if set.isPlatform, isNewer {
            return Drift(
                kind: .newer,
                file: row.name,
                problem: "'\(row.name)' was applied by cygni-migrate \(row.toolVersion) and is unknown to this one",
                wayOut: [
                    "Use cygni-migrate \(row.toolVersion) or a newer one; an older one must not change this database."
                ]
            )
        }
        return Drift(
            kind: .missing,
            file: row.name,
            problem: "'\(row.name)' was applied on \(row.appliedAt.rfc3339) and its file is gone from \(set.origin)",
            wayOut: [
                "Bring the file back:  git checkout $(git rev-list -n 1 HEAD -- '\(set.origin)/\(row.name)')^ "
                    + "-- '\(set.origin)/\(row.name)'",
                "Or, when it is gone for good, forget it:  "
                    + set.command("repair \(row.version) --\(RepairChoice.forget.rawValue)"),
            ]
        )
    }

    /// A file that comes before one that was applied.
    static func outOfOrder(_ file: MigrationFile, behind newest: AppliedMigration, in set: MigrationSet) -> Drift {
        let last = max(newest.version, set.files.last?.version ?? newest.version)
        let renamed = last.successor + file.name.dropFirst(file.version.text.count)
        return Drift(
            kind: .outOfOrder,
            file: file.name,
            problem: "'\(file.name)' was not applied and comes before '\(newest.name)', which was",
            wayOut: set.isPlatform
                ? ["This executable is no release build of its version: install one."]
                : [
                    "Move it to the end:  git mv '\(file.path)' '\(set.origin)/\(renamed)'",
                    "Or, when the order between them does not matter:  cygni-migrate up --dir '\(set.origin)' "
                        + "--allow-out-of-order",
                ]
        )
    }
}
