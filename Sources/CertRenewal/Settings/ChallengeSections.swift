package import CygniConfig
package import CygniDNS
import CygniModel

/// How http-01 is answered (RFC 8555, section 8.3). All that is set is done.
package struct HTTPChallengeSection: ConfigSection {
    package var database: Bool
    package var webroot: String?
    package var listen: String?

    package init(reading reader: inout ConfigReader) {
        database = reader.value(
            "database",
            .boolean,
            default: true,
            "Whether answers are put into cygni.acme_challenges, where the platform's API finds them."
        )
        webroot = reader.optional(
            "webroot",
            .path,
            "A folder below which answers are put, as .well-known/acme-challenge/TOKEN.",
            example: "/var/www/html"
        )
        listen = reader.optional(
            "listen",
            .serverAddress,
            "An address and port at which the run itself answers, where nothing else does.",
            example: "0.0.0.0@80"
        )
    }
}

/// How dns-01 is answered (RFC 8555, section 8.4): by updates of a server (RFC 2136), or by a command.
package struct DNSChallengeSection: ConfigSection {
    package var updates: UpdateSection
    package var hook: [String]
    package var hookTimeout: Duration
    package var ttl: Int
    package var settle: Duration
    package var followsAliases: Bool

    package init(reading reader: inout ConfigReader) {
        updates = UpdateSection(reading: &reader)
        hook = reader.value(
            "hook",
            .list(of: .text, count: 0...20),
            default: [],
            """
            A command and its arguments, in place of updates. It gets JSON on standard input: action (present or cleanup), \
            name, record and value. Status 0 is success.
            """,
            example: "[/usr/local/bin/dns-record]"
        )
        hookTimeout = reader.value(
            "hook_timeout",
            .duration(.seconds(1) ... .minutes(30)),
            default: .minutes(2),
            "How long one call of it may take."
        )
        ttl = reader.value("ttl", .integer(0...86_400), default: 60, "The TTL of records, in seconds.")
        settle = reader.value(
            "settle",
            .duration(.zero ... .minutes(30)),
            default: .seconds(10),
            "How long the zone's other servers may need; the CA is told that long after the record was set."
        )
        followsAliases = reader.value(
            "follow_aliases",
            .boolean,
            default: true,
            "Whether a CNAME at _acme-challenge leads to where the record is set."
        )
        reader.check(["server", "hook"], "must be left out where hook is given", updates.server == nil || hook.isEmpty)
    }
}

/// How tls-alpn-01 is answered (RFC 8737).
package struct TLSChallengeSection: ConfigSection {
    package var listen: String?

    package init(reading reader: inout ConfigReader) {
        listen = reader.optional(
            "listen",
            .serverAddress,
            "An address and port at which the run itself answers.",
            example: "0.0.0.0@443"
        )
    }
}
