import Crypto
import CygniModel
import FoundationEssentials
import HTTPTypes

/// What the page needs besides its HTML: one style sheet, one script, one icon. Their addresses carry a hash of their
/// content, so a browser asks for each version once.
enum PageAssets {
    private struct Asset: Sendable {
        let text: String
        let mediaType: String
        let version: String

        init(_ bytes: [UInt8], _ mediaType: String) {
            text = String(decoding: bytes, as: UTF8.self)
            self.mediaType = mediaType
            version = SHA256.hash(data: Data(bytes)).prefix(6).hex
        }
    }

    private static let all = [
        "page.css": Asset(PackageResources.page_css, "text/css; charset=utf-8"),
        "page.js": Asset(PackageResources.page_js, "text/javascript; charset=utf-8"),
        "favicon.svg": Asset(PackageResources.favicon_svg, "image/svg+xml"),
    ]

    static func href(_ name: String) -> String { "/assets/\(name)?v=\(all[name]?.version ?? "")" }

    static let route = PageRoute.get("/assets/{name}", .open) { call in
        guard let asset = all[call.path("name")] else { throw Problem(.notFound) }
        // Without the version of what is here now it must be asked for again.
        let isCurrent = call.query("v") == asset.version
        let caching = isCurrent ? "public, max-age=31536000, immutable" : "public, no-cache"
        return .plain(
            Reply(.ok, .text(asset.text, mediaType: asset.mediaType), headers: [.cacheControl: caching])
        )
    }
}
