import CygniAccess
import CygniModel
import CygniObjectStore
import CygniPostgres
import JobBook

/// What the handlers of a running server share.
final class ServerParts: Sendable {
    let settings: APISettings
    /// The issuer of the tokens, and the beginning of every link.
    let publicURL: String
    let database: ServerDatabase
    let store: any ObjectStore
    let secret: ServerSecret
    let keys: SigningKeys
    let verifier: TokenVerifier
    let limiter = RateLimiter()
    let plans = TenantPlans()
    let metrics = RequestMetrics()
    let owners = OwnerBook()
    let days = DayBook()
    let ingest: IngestQueue
    let document: String
    /// The jobs' settings on this host, read anew whenever somebody asks.
    let jobs: ConfigFiles
    let starter: JobStarter
    let streams: StreamCount

    init(
        settings: APISettings,
        publicURL: String,
        database: ServerDatabase,
        store: any ObjectStore,
        secret: ServerSecret,
        keys: SigningKeys,
        document: String,
        jobs: ConfigFiles
    ) {
        (self.settings, self.publicURL, self.database, self.store) = (settings, publicURL, database, store)
        (self.secret, self.keys, self.document, self.jobs) = (secret, keys, document, jobs)
        (starter, streams) = (JobStarter(files: jobs), StreamCount(limit: settings.limits.streams))
        ingest = IngestQueue(database, days: days, limit: Int(settings.ingest.queue.bytes))
        verifier = TokenVerifier(keys: keys, issuer: publicURL)
    }
}
