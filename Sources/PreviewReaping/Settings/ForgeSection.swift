package import CygniConfig
package import CygniModel

/// Where pull requests and branches are asked after. Its name in the settings is what `projects.repository` begins with.
package struct ForgeSection: ConfigSection {
    package var kind: ForgeKind
    package var url: ConfigURL?
    package var token: Secret?
    package var appID: String?
    package var appKey: Secret?
    package var appInstallation: String?
    package var caFile: String?
    package var timeout: Duration
    package var reserve: Int

    package init(reading reader: inout ConfigReader) {
        kind = reader.required("kind", .oneOf(ForgeKind.self), "What it is.", example: "github")
        url = reader.optional(
            "url",
            .url(["https", "http"]),
            "The root of its API, for one of your own. Left out, the public one of that kind.",
            example: "https://git.example.com/api/v1"
        )
        token = reader.optional(
            "token",
            .secret,
            "A token that may read repositories and pull requests, and write comments if notices are comments.",
            example: "{file: /etc/cygni/forge-token}"
        )
        appID = reader.optional("app_id", .text, "The id of a GitHub App, in place of a token.", example: "'12345'")
        appKey = reader.optional(
            "app_key",
            .secret,
            "The App's private key, PEM.",
            example: "{file: /etc/cygni/app.pem}"
        )
        appInstallation = reader.optional(
            "app_installation",
            .text,
            "The id of the App's installation.",
            example: "'67890'"
        )
        caFile = reader.optional(
            "ca_file",
            .path,
            "PEM certificates that are trusted beside the system's.",
            example: "/etc/cygni/internal-ca.pem"
        )
        timeout = reader.value(
            "timeout",
            .duration(.milliseconds(100) ... .minutes(10)),
            default: .seconds(30),
            "How long one answer may take."
        )
        reserve = reader.value(
            "reserve",
            .integer(0...100_000),
            default: 200,
            "So many requests of the forge's rate limit are left to others."
        )
        let hasApp = [appID != nil, appKey != nil, appInstallation != nil]
        reader.check(
            ["app_id", "app_key", "app_installation"],
            "must be given together with app_key and app_installation",
            hasApp.allSatisfy { $0 } || !hasApp.contains(true)
        )
    }

    package var root: String {
        let text = url?.reveal() ?? kind.publicURL
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

package enum ForgeKind: String, CaseIterable, Sendable {
    case github, gitlab, bitbucket, gitea

    var publicURL: String {
        switch self {
        case .github: "https://api.github.com"
        case .gitlab: "https://gitlab.com/api/v4"
        case .bitbucket: "https://api.bitbucket.org/2.0"
        case .gitea: "https://gitea.com/api/v1"
        }
    }
}
