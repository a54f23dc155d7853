import Glibc

/// PostgreSQL's server programs on this machine.
enum ServerBinaries {
    /// The path of one of them, `initdb` or `postgres`.
    ///
    /// - Throws: when they are not installed: a test that needs a server must fail without one.
    static func path(_ program: String) throws -> String {
        let given = getenv("CYGNI_POSTGRES_BIN").map { [String(cString: $0)] }
        let folders = given ?? (15...18).map { "/usr/lib/postgresql/\($0)/bin" }
        for folder in folders where access("\(folder)/\(program)", X_OK) == 0 { return "\(folder)/\(program)" }
        throw TestSupportError(
            "PostgreSQL's '\(program)' is not in \(folders.joined(separator: ", ")): "
                + "install postgresql-15, or set CYGNI_POSTGRES_BIN to the folder that has it"
        )
    }

    /// The command that runs a program as the user who may be a server: this one, or `postgres` when this one is root,
    /// whom PostgreSQL refuses.
    static func command(_ program: String, _ arguments: [String]) throws -> (path: String, arguments: [String]) {
        guard geteuid() == 0 else { return (program, arguments) }
        let asPostgres = ["--reuid=postgres", "--regid=postgres", "--init-groups", "--", program]
        return ("/usr/bin/setpriv", asPostgres + arguments)
    }

    /// Makes a folder for a server's files, owned by the user who runs it.
    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 else { throw TestSupportError("failed to make '\(path)'", errno: errno) }
        guard geteuid() == 0 else { return }
        guard let user = getpwnam("postgres") else {
            throw TestSupportError("there is no user 'postgres' to run PostgreSQL as: root itself may not")
        }
        chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
    }
}
