import CygniConfig
import CygniHTTP
import CygniJobs
import CygniModel
import CygniPostgres

/// Tells that a preview is about to end, once.
struct Notices: Sendable {
    let context: JobContext
    let settings: NoticeSection
    let forges: [String: ForgeClient]
    let http: HTTPClient

    init(_ context: JobContext, _ settings: NoticeSection, _ forges: [String: ForgeClient]) throws {
        (self.context, self.settings, self.forges) = (context, settings, forges)
        var configuration = HTTPClient.Configuration()
        configuration.addresses = .any
        http = try HTTPClient(configuration)
    }

    func send(_ preview: Preview, _ why: String, at: Timestamp) async throws {
        // Written down first: one that is lost is better than one at every run.
        let now = context.now
        try await context.transaction { session in
            _ = try session.query(PreviewBook.statements["noticed"], preview.tenant, preview.id, "notice", now)
        }
        switch settings.by {
        case .none: return
        case .comment: try await comment(preview, why)
        case .webhook: try await post(preview, why, at)
        }
        context.count("notices")
    }

    private func comment(_ preview: Preview, _ why: String) async throws {
        let parts = (preview.repository ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let forge = forges[parts[0]], let number = preview.pullRequest else {
            throw TeardownFault("there is no pull request to comment on")
        }
        let text = "The preview of this pull request (\(preview.name)) \(why). Pin it to keep it."
        let comment = forge.dialect.comment(parts[1], number, text)
        try await forge.post(comment.url, comment.body)
    }

    private func post(_ preview: Preview, _ why: String, _ at: Timestamp) async throws {
        guard let url = settings.webhook else { return }
        let body = JSONValue.object([
            ("event", .string("preview.ending")), ("deployment", .string(preview.name)),
            ("project", .string(preview.project)),
            ("pull_request", preview.pullRequest.map(JSONValue.integer) ?? .null),
            ("branch", .optional(preview.branch)), ("reason", .string(why)), ("at", .string(at.rfc3339)),
        ])
        var limits = HTTPLimits()
        limits.total = .seconds(30)
        let request = HTTPRequest(
            "POST",
            url.reveal(),
            headers: [("Content-Type", "application/json")],
            body: .bytes(Array(body.text.utf8)),
            limits: limits
        )
        let response = try await http.send(request)
        _ = try await response.body.collect(upTo: 1 << 20)
        guard (200..<300).contains(response.status) else {
            throw TeardownFault("the webhook answered with status \(response.status)")
        }
    }
}
