package import CygniConfig
import CygniModel

/// How what a preview owns outside engine and object store is removed.
package struct BelongingSection: ConfigSection {
    package var routes: String?
    package var hook: [String]
    package var hookTimeout: Duration

    package init(reading reader: inout ConfigReader) {
        routes = reader.optional(
            "routes",
            .path,
            """
            A folder in which each route is a file of that name; one goes only while the deployment's id stands in it. Left out: \
            the hook is called for routes too.
            """,
            example: "/etc/traefik/previews"
        )
        hook = reader.value(
            "hook",
            .list(of: .text, count: 0...20),
            default: [],
            """
            A command and its arguments for each thing. It gets JSON on standard input: action, class (dns, route, database, \
            schema), name, deployment, tenant. delete: status 0 is success, also where nothing is left; probe: status 0 says that \
            nothing is there any more.
            """,
            example: "[/usr/local/bin/preview-hook]"
        )
        hookTimeout = reader.value(
            "hook_timeout",
            .duration(.seconds(1) ... .minutes(30)),
            default: .minutes(1),
            "How long one call of it may take."
        )
    }
}
