import CygniDNS
import CygniJobs
import CygniModel

/// Whoever keeps what previews own, by kind: what the settings name for it, or the hook.
struct Belongings: BelongingKeeper {
    private let keepers: [Belonging.Kind: any BelongingKeeper]

    /// - Throws: `UpdateFault` for a key that is none.
    init(_ settings: BelongingSection, platform: String, context: JobContext) throws {
        var keepers: [Belonging.Kind: any BelongingKeeper] = [:]
        if !settings.hook.isEmpty {
            let hook = HookProgram(program: Program(words: settings.hook, timeout: settings.hookTimeout))
            for kind in Belonging.Kind.allCases { keepers[kind] = hook }
        }
        if let folder = settings.routes { keepers[.route] = RouteFolder(folder: folder, platform: platform) }
        if let client = try settings.dns.client() {
            keepers[.dns] = ZoneRecords(client: client, platform: platform, now: { context.now })
        }
        if let database = settings.database {
            let databases = PreviewDatabases(settings: database, platform: platform)
            (keepers[.database], keepers[.schema]) = (databases, databases)
        }
        self.keepers = keepers
    }

    func bytes(_ belonging: Belonging, of preview: Preview) async throws -> Int64 {
        try await keeper(of: belonging).bytes(belonging, of: preview)
    }

    func delete(_ belonging: Belonging, of preview: Preview) async throws {
        try await keeper(of: belonging).delete(belonging, of: preview)
    }

    func probe(_ belonging: Belonging, of preview: Preview) async throws {
        try await keeper(of: belonging).probe(belonging, of: preview)
    }

    private func keeper(of belonging: Belonging) throws -> any BelongingKeeper {
        guard let keeper = keepers[belonging.kind] else {
            throw TeardownFault(
                "nothing is set up that removes \(belonging.words): see belongings in jobs/preview-reap.yaml"
            )
        }
        return keeper
    }
}

/// What a thing that is made for a preview says of itself, where there is room for a text.
struct OwnerMark {
    let platform: String
    let preview: Preview

    /// `dev.cygni.platform=cygni dev.cygni.deployment=7c1f…`
    var text: String { "\(Self.platform)\(platform) \(Self.deployment)\(preview.name)" }

    private static let platform = "dev.cygni.platform="
    private static let deployment = "dev.cygni.deployment="

    /// Whether a text has this mark, and no other one of a deployment.
    func isAlone(in text: String) -> Bool {
        // An id that only begins like ours is another one's.
        text.ranges(of: self.text).contains { $0.upperBound == text.endIndex || !text[$0.upperBound].isIDCharacter }
            && text.ranges(of: Self.deployment).count == text.ranges(of: self.text).count
    }
}

extension Character {
    fileprivate var isIDCharacter: Bool { isHexDigit || self == "-" }
}
