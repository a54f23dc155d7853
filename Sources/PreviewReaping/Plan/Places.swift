import CygniEngines
import CygniModel

/// Where previews are, by their `runtime_ref`, and what the engines there say of them.
package struct Places: Sendable {
    private let asked: Set<String>
    private let ledgerOnly: Set<String>
    private let elsewhere: Set<String>
    /// Deployments of which something runs; nil where that is not known of all, or no engine has anything.
    private let running: Set<String>?

    package init(_ engines: EngineFacts) {
        asked = Set(engines.answered + engines.silent)
        (ledgerOnly, elsewhere) = (Set(engines.ledgerOnly), Set(engines.elsewhere))
        let objects = engines.objects
        running = engines.silent.isEmpty && !objects.isEmpty ? Set(objects.map { $0.deployment.lowercased() }) : nil
    }

    private var all: Set<String> { asked.union(ledgerOnly).union(elsewhere) }

    /// Why nobody here can tell what runs of it; nil: somebody can, or nothing does.
    func unknown(_ preview: Preview) -> String? {
        guard preview.runtimeRef != nil else { return nil }
        if let name = preview.engine {
            if elsewhere.contains(name) {
                return "it is on the engine \(name.printable), which another host's run looks after"
            }
            return all.contains(name) ? nil : "it is on the engine \(name.printable), which is not in cygni.yaml"
        }
        if !elsewhere.isEmpty {
            return "its runtime_ref names no engine, and some are looked after by other hosts' runs"
        }
        return all.isEmpty ? "it has a runtime_ref, and no engine is in cygni.yaml" : nil
    }

    /// What a person must put right for it to be known, told once for all such previews.
    func fault(_ preview: Preview) -> SideFault? {
        guard preview.runtimeRef != nil else { return nil }
        if let name = preview.engine {
            guard !all.contains(name) else { return nil }
            return SideFault(
                side: "engine \(name.printable)",
                text: "previews are on the engine \(name.printable), which is not in cygni.yaml",
                isLocal: true
            )
        }
        guard all.isEmpty else { return nil }
        return SideFault(
            side: "engines",
            text:
                "previews have a runtime_ref, and no engine is in cygni.yaml: one of kind: none says that nothing is to be asked",
            isLocal: true
        )
    }

    /// The engine that should have something of it: its name, or "" for any of them; nil: none that was asked.
    func expected(_ preview: Preview) -> String? {
        guard preview.runtimeRef != nil, preview.standing == .ready, !preview.isBegun else { return nil }
        if let name = preview.engine { return asked.contains(name) ? name : nil }
        return asked.isEmpty || !ledgerOnly.isEmpty ? nil : ""
    }

    /// Whether something of it should be there, and every engine was asked and none has it.
    ///
    /// - Parameter asked: when that was, at the earliest: of what became ready since, they may not have known.
    func isLost(_ preview: Preview, asked: Timestamp) -> Bool {
        guard expected(preview) != nil, let running, (preview.readyAt ?? preview.createdAt) < asked else {
            return false
        }
        return !running.contains(preview.name)
    }
}
