import CygniJobs
package import CygniPostgres

extension Migrator {
    /// Applies what is pending to a throw-away clone of the schema, without rows, and tells which locks that takes and
    /// what they would mean in the database itself. The clone is removed whichever way it ends.
    ///
    /// - Parameter scratch: where to make the clone; nil: on the same server.
    /// - Throws: ``DriftError``, ``MigrationFailure``, and what making the clone throws.
    package func rehearse(scratch: ConnectionOptions? = nil) async throws -> [RehearsedFile] {
        let live = try await connect(isReadOnly: true)
        let pending = try await refusingDrift(live).plan.pending
        let files = limit == 0 ? pending : Array(pending.prefix(limit))
        guard !files.isEmpty else { return [] }
        if scratch == nil { try set.refuseSharedObjects(in: files) }
        let schema = try await SchemaDump.script(options)
        let rehearsed = try await ScratchDatabase.with(scratch ?? options) { clone in
            try await rehearse(files, on: Connection.open(clone), schema, ownsServer: scratch != nil)
        }
        let found = try await live.transaction(.snapshot) { session in
            try rehearsed.map { try $0.facing(session) }
        }
        await live.close()
        return found
    }

    private func rehearse(
        _ files: [MigrationFile],
        on clone: Connection,
        _ schema: String,
        ownsServer: Bool
    ) async throws -> [RehearsedFile] {
        try await clone.access { session in
            do {
                try session.statements(schema, name: "rehearsal.clone")
            } catch let failure as ScriptFailure {
                throw JobFailure(
                    "failed to make the schema anew in a throw-away database: \(failure.cause.serverMessage)"
                )
            }
            // What the dump set for its own session.
            try session.script("RESET ALL", name: "rehearsal.settings")
        }
        let role = try await prepare(clone, inspect(clone).facts)
        var rehearsed: [RehearsedFile] = []
        for file in files {
            try events.checkpoint()
            events.willRun(file, .up)
            rehearsed.append(
                try await clone.access { try RehearsalRunner(file: file, role: role, ownsServer: ownsServer).run($0) }
            )
        }
        await clone.close()
        return rehearsed
    }
}

extension RehearsedFile {
    /// With what its tables are in the database the session is in.
    fileprivate func facing(_ session: Session) throws -> RehearsedFile {
        var file = self
        for (statement, rehearsed) in file.statements.enumerated() {
            for (lock, held) in rehearsed.locks.enumerated() {
                file.statements[statement].locks[lock].live = try RehearsalRunner.live(held, session)
            }
        }
        return file
    }
}
