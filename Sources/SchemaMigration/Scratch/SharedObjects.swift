import CygniJobs
import CygniModel

/// Statements whose effect reaches beyond the database they run in: roles, databases, tablespaces, the server's settings.
///
/// A throw-away database on the same server would keep none of that to itself.
extension SQLStatement {
    var changesSharedObjects: Bool {
        switch words.first {
        case "CREATE", "ALTER", "DROP": Self.names(shared: words.dropFirst())
        case "COMMENT": Self.names(shared: words.dropFirst(2))
        case "REASSIGN": true
        case "GRANT", "REVOKE": grantsSharedObjects
        default: false
        }
    }

    private static func names(shared words: ArraySlice<String>) -> Bool {
        switch words.first {
        case "ROLE", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION", "SYSTEM", "OWNED": true
        case "USER": words.dropFirst().first != "MAPPING"
        default: false
        }
    }

    /// A role is granted without an ON; behind an ON only some kinds are shared.
    private var grantsSharedObjects: Bool {
        let all = text.uppercased().split { !$0.isLetter }
        guard let on = all.firstIndex(of: "ON") else { return true }
        return ["DATABASE", "TABLESPACE", "PARAMETER"].contains(all.dropFirst(on + 1).first)
    }
}

extension MigrationSet {
    /// - Throws: ``JobFailure`` when one of the files cannot be tried out beside the real database.
    func refuseSharedObjects(in files: [MigrationFile]) throws {
        for file in files {
            for statement in file.up.statements where statement.changesSharedObjects {
                throw Self.sharedObjects(file, statement)
            }
        }
    }

    static func sharedObjects(_ file: MigrationFile, _ statement: SQLStatement) -> JobFailure {
        JobFailure(
            "\(file.path):\(statement.line) changes what all databases of the server share, so it is not tried out on "
                + "this one: \(statement.summary)\nname a server that may be changed with --scratch-url",
            status: .configuration
        )
    }
}
