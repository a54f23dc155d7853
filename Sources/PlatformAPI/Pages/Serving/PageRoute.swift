import CygniAccess
import HTTPTypes

/// One route of the operator's page: what it needs, and what carries it out. Like ``APIOperation``, but for people: no part
/// of the API's document.
struct PageRoute: Sendable {
    let method: HTTPRequest.Method
    /// With parameters in braces: `/jobs/{job}`.
    let path: String
    let access: Access
    let handler: @Sendable (PageCall) async throws -> PageReply

    /// Who may come.
    enum Access: Hashable, Sendable {
        /// Anybody.
        case open
        /// Who is signed in and has the permission.
        case platform(Permission)
    }

    static func get(
        _ path: String,
        _ access: Access,
        _ handler: @escaping @Sendable (PageCall) async throws -> PageReply
    ) -> PageRoute {
        PageRoute(method: .get, path: path, access: access, handler: handler)
    }

    /// A form. Where it comes from and its code are looked at before the handler is asked.
    static func post(
        _ path: String,
        _ access: Access,
        _ handler: @escaping @Sendable (PageCall) async throws -> PageReply
    ) -> PageRoute {
        PageRoute(method: .post, path: path, access: access, handler: handler)
    }
}
