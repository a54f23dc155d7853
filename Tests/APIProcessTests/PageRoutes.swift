import HTTPTypes

@testable import PlatformAPI

/// The routes of the page, as the server has them.
enum PageRoutes {
    struct Known: Sendable {
        let method: String
        /// Of things that there are not.
        let path: String
    }

    static let all = OperatorPages.all.map(known)

    static let needingPermission = OperatorPages.all.filter { $0.access != .open }.map(known)

    private static func known(_ route: PageRoute) -> Known {
        let path = route.path.replacing("{job}", with: "log-archive")
            .replacing("{id}", with: "00000000-0000-4000-8000-000000000000").replacing("{name}", with: "page.css")
        return Known(method: route.method.rawValue, path: path)
    }
}
