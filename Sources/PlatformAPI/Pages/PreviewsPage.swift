import CygniAccess
import CygniModel
import CygniPostgres

/// Previews: which end, when and by which rule; then all that are there.
enum PreviewsPage {
    struct PreviewView: Sendable {
        let project: String
        let branch: String
        let pullRequest: String?
        let state: StateView
        let isPinned: Bool
        let rule: String?
        let endWords: String?
        let ends: TimeView?
        let made: TimeView
        let lastActive: TimeView?
        let cursor: Cursor

        init(_ row: Row, now: Timestamp) throws {
            project = try row.get("project")
            branch = try row.get("branch", as: String?.self) ?? ""
            pullRequest = try row.get("pull_request", as: Int32?.self).map { "#\($0)" }
            let word = try row.get("state", as: String.self)
            state = StateView.ofPreview(word)
            isPinned = try row.get("pinned")
            rule = try row.get("rule", as: String?.self)?.replacing("_", with: " ")
            let seen = try row.get("first_seen_at", as: Timestamp?.self)
            let expires = try row.get("expires_at", as: Timestamp?.self)
            if word == "reaping" {
                if let begun = try row.get("reap_begun_at", as: Timestamp?.self) {
                    (endWords, ends) = ("being deleted since", TimeView(begun, now: now))
                } else {
                    (endWords, ends) = (
                        "can be restored until", TimeView(try row.get("restore_until", as: Timestamp?.self), now: now)
                    )
                }
            } else if let seen {
                (endWords, ends) = ("a run must see it again; first seen", TimeView(seen, now: now))
            } else {
                (endWords, ends) = expires == nil ? (nil, nil) : ("expires", TimeView(expires, now: now))
            }
            let created = try row.get("created_at", as: Timestamp.self)
            made = TimeView(created, now: now)
            lastActive = TimeView(try row.get("last_active_at", as: Timestamp?.self), now: now)
            cursor = Cursor(time: created, id: try row.get("id"))
        }
    }

    private struct Content: Sendable {
        let ending: [PreviewView]
        let previews: [PreviewView]
        let isFirst: Bool
        let nextHref: String?
    }

    static let route = PageRoute.get("/previews", .platform(.platformRead)) { call in
        let now = call.now
        let cursor = try call.cursor("/previews", [])
        let statements = ServerStatements.pages
        let (ending, rows) = try await call.server.database.platform(isReading: true) { session in
            (
                cursor == nil
                    ? try session.query(statements["previews_ending"], 100).map { try PreviewView($0, now: now) } : [],
                try session.query(
                    statements["previews"],
                    cursor?.time ?? Page.end,
                    cursor?.id ?? Page.lastID,
                    ListPart<PreviewView>.size + 1
                ).map { try PreviewView($0, now: now) }
            )
        }
        let part = ListPart(rows, cursor: \.cursor)
        return .page(
            PageView(
                template: "previews",
                title: ending.isEmpty ? "Previews" : "\(ending.count) previews ending",
                content: Content(
                    ending: ending,
                    previews: part.items,
                    isFirst: cursor == nil,
                    nextHref: call.next("/previews", [], part.last)
                )
            )
        )
    }
}
