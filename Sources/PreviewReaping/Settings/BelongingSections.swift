package import CygniConfig
package import CygniDNS
package import CygniModel

/// How what a preview owns outside engine and object store is removed.
package struct BelongingSection: ConfigSection {
    package var routes: String?
    package var dns: UpdateSection
    package var database: PreviewDatabaseSection?
    package var hook: [String]
    package var hookTimeout: Duration

    package init(reading reader: inout ConfigReader) {
        routes = reader.optional(
            "routes",
            .path,
            """
            A folder in which each route is a file of that name; one goes only while the deployment's mark stands in it, as in \
            '# dev.cygni.platform=cygni dev.cygni.deployment=ID', and no other's. Left out: the hook is called for routes too.
            """,
            example: "/etc/traefik/previews"
        )
        dns = reader.section(
            "dns",
            UpdateSection.self,
            """
            A name server from which DNS records are deleted; a name goes only while the TXT record at _cygni.NAME names the \
            deployment. Without a server the hook is called for them.
            """
        )
        database = reader.optionalSection(
            "database",
            PreviewDatabaseSection.self,
            """
            A PostgreSQL server on which databases and schemas are dropped; one goes only while its comment names the \
            deployment. Left out: the hook is called for them.
            """
        )
        hook = reader.value(
            "hook",
            .list(of: .text, count: 0...20),
            default: [],
            """
            A command and its arguments for each thing that nothing above removes. It gets JSON on standard input: action, class (dns, route, database, \
            schema), name, deployment, tenant. owner: it prints the id of the deployment that the thing itself says it is of, or nothing \
            where there is none; only then delete: status 0 is success; probe: status 0 says that nothing is there any more.
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

/// The server with previews' databases and schemas.
package struct PreviewDatabaseSection: ConfigSection {
    package var url: ConfigURL
    package var password: Secret?

    package init(reading reader: inout ConfigReader) {
        url = reader.required(
            "url",
            .database,
            "Where to connect; schemas are those of this database. The login must own what it drops.",
            example: "postgresql://previews@db.internal/previews"
        )
        password = reader.optional(
            "password",
            .secret,
            "The password, as a reference; it wins over one in the URL.",
            example: "{env: CYGNI_PREVIEWS_PASSWORD}"
        )
    }
}
