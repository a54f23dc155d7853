import CygniJobs
import CygniModel
import CygniPostgres
import FoundationEssentials
import Logging

extension RetentionSteps {
    func finalize() async throws {
        let ended = try await patiently { session in
            try session.query(Self.statements["finalize"]).map { try $0.get("leaf", as: String.self) }
        }
        for leaf in ended {
            context.logger.warning(
                "ended a detachment that somebody began; the table stays",
                metadata: ["table": "\(leaf)"]
            )
        }
        context.count("detachments_finalized", ended.count)
    }

    /// Takes a partition out, into quarantine.
    func detach(_ leaf: RetentionFacts.Leaf) async throws {
        context.crashPoint("purge.before-detach")
        let (run, grace, policy) = (run, settings.quarantine.inSeconds, policy(leaf.policy))
        try await obeying {
            try await patiently { session in
                _ = try session.query(Self.statements["detach"], leaf.oid, run, "\(grace) seconds", policy)
                context.crashPoint("purge.in-detach")
            }
        }
        context.crashPoint("purge.detached")
        context.count("partitions_detached")
        context.count("quarantined_rows", leaf.rows)
        context.count("quarantined_bytes", leaf.bytes)
    }

    /// Copies what stays and puts it in the place of the partition, which goes into quarantine.
    func rewrite(_ leaf: RetentionFacts.Leaf, _ share: Share) async throws {
        context.crashPoint("purge.before-copy")
        let (run, grace, policy) = (run, settings.quarantine.inSeconds, policy(leaf.policy))
        let tenants = share.tenants.compactMap { UUID(uuidString: $0) }
        let (kept, gone) = try await obeying {
            try await patiently { session in
                let row = try session.query(Self.statements["copy"], leaf.oid, tenants, share.spares)[0]
                return (try row.get("kept", as: Int.self), try row.get("gone", as: Int.self))
            }
        }
        context.crashPoint("purge.copied")
        try await obeying {
            try await patiently { session in
                _ = try session.query(
                    Self.statements["swap"],
                    leaf.oid,
                    run,
                    "\(grace) seconds",
                    policy,
                    tenants,
                    share.spares
                )
                context.crashPoint("purge.in-swap")
            }
        }
        context.crashPoint("purge.swapped")
        context.count("partitions_rewritten")
        context.count("rows_copied", kept)
        context.count("quarantined_rows", gone)
    }

    /// Deletes rows of a partition, some pages at a time.
    func delete(from leaf: RetentionFacts.Leaf, _ share: Share) async throws {
        let (run, policy) = (run, policy(leaf.policy))
        let tenants = share.tenants.compactMap { UUID(uuidString: $0) }
        var pacer = BatchPacer(first: 64, settings: settings.pace)
        var pressure = Pressure(settings: settings.pace)
        let wal = try await wal()
        var receipt: String?
        var page = 0
        _ = try await pressure.look(took: .zero, context)
        while page < leaf.pages {
            try await context.checkpoint()
            context.crashPoint("purge.before-batch")
            let (size, first, open) = (pacer.size, page, receipt.flatMap { UUID(uuidString: $0) })
            let clock = ContinuousClock()
            let start = clock.now
            let (found, deleted) = try await obeying {
                try await context.transaction { session in
                    _ = try session.query(Self.statements["begin_batch"], !settings.pace.isOn)
                    let row = try session.query(
                        Self.statements["delete_pages"],
                        leaf.oid,
                        open,
                        run,
                        policy,
                        tenants,
                        share.spares,
                        first,
                        size
                    )[0]
                    context.crashPoint("purge.in-batch")
                    return (try row.get("receipt", as: String?.self), try row.get("deleted", as: Int.self))
                }
            }
            context.crashPoint("purge.after-batch")
            receipt = found
            context.count("deleted_rows", deleted)
            page += size
            let pause = pacer.observe(try await pressure.look(took: clock.now - start, context))
            if pause > .zero, page < leaf.pages { try await Task.sleep(for: pause) }
        }
        if let receipt { try await finish(receipt, wal: try await self.wal() - wal) }
    }

    /// Drops what was in quarantine for long enough.
    func drop(_ entry: RetentionFacts.Quarantined) async throws {
        context.crashPoint("purge.before-drop")
        let run = run
        let rows = try await obeying {
            try await patiently { session in
                let rows: Int = try session.query(Self.statements["drop"], UUID(uuidString: entry.id), run)[0].get(
                    "rows"
                )
                context.crashPoint("purge.in-drop")
                return rows
            }
        }
        context.crashPoint("purge.dropped")
        context.count("partitions_dropped")
        context.count("purged_rows", rows)
        context.count("freed_bytes", entry.bytes)
    }
}
