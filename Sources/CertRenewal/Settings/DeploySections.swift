package import CygniConfig
import CygniDNS
package import CygniModel

/// Where certificates go. All that is set is done, in this order: files, Kubernetes, the command.
package struct DeploySection: ConfigSection {
    package var directory: String?
    package var owner: String?
    package var group: String?
    package var mode: String
    package var command: [String]
    package var commandTimeout: Duration
    package var kubernetes: KubernetesSection?

    package init(reading reader: inout ConfigReader) {
        directory = reader.optional(
            "directory",
            .path,
            "A folder; live/NAME/ in it has cert.pem, chain.pem, fullchain.pem and privkey.pem, as certbot names them.",
            example: "/etc/cygni/tls"
        )
        owner = reader.optional("owner", .text, "Who owns the files; left out, who runs this.", example: "root")
        group = reader.optional("group", .text, "Their group; left out, that of who runs this.", example: "ssl-cert")
        mode = reader.value(
            "mode",
            .oneOf(["0600", "0640", "0644"]),
            default: "0600",
            "The mode of privkey.pem. The others are for everybody to read."
        )
        command = reader.value(
            "command",
            .list(of: .text, count: 0...20),
            default: [],
            """
            A command and its arguments. It gets JSON on standard input: names, certificate, chain and key as PEM, \
            fingerprint, not_after, directory. Status 0 is success.
            """,
            example: "[/usr/local/bin/reload-edge]"
        )
        commandTimeout = reader.value(
            "command_timeout",
            .duration(.seconds(1) ... .minutes(30)),
            default: .minutes(1),
            "How long it may take."
        )
        kubernetes = reader.optionalSection(
            "kubernetes",
            KubernetesSection.self,
            "Each certificate as a Secret of type kubernetes.io/tls."
        )
    }
}

/// A Kubernetes API server.
package struct KubernetesSection: ConfigSection {
    package var server: ConfigURL
    package var namespace: String
    package var token: Secret
    package var caFile: String?
    package var prefix: String

    package init(reading reader: inout ConfigReader) {
        server = reader.required(
            "server",
            .url(["https", "http"]),
            "The API server.",
            example: "https://kubernetes.default.svc"
        )
        namespace = reader.value("namespace", .text, default: "default", "The namespace of the Secrets.")
        token = reader.required(
            "token",
            .secret,
            "A bearer token that may patch Secrets there.",
            example: "{file: /var/run/secrets/kubernetes.io/serviceaccount/token}"
        )
        caFile = reader.optional(
            "ca_file",
            .path,
            "The API server's authority.",
            example: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
        )
        prefix = reader.value("prefix", .text, default: "tls-", "What the Secrets' names start with.")
    }
}

/// Who serves the certificates, to be asked whether they do.
package struct ServingSection: ConfigSection {
    package var addresses: [String]
    package var port: Int
    package var timeout: Duration
    package var every: Duration

    package init(reading reader: inout ConfigReader) {
        addresses = reader.value(
            "addresses",
            .list(of: .ipAddress),
            default: [],
            "The edge's addresses, IPv4 and IPv6. None: nobody is asked, and deployed is as far as it goes.",
            example: "[203.0.113.10, '2001:db8::10']"
        )
        port = reader.value("port", .integer(1...65_535), default: 443, "Their port.")
        timeout = reader.value(
            "timeout",
            .duration(.milliseconds(100) ... .minutes(1)),
            default: .seconds(5),
            "How long one handshake may take."
        )
        every = reader.value(
            "every",
            .duration(.minutes(1) ... .days(30)),
            default: .days(1),
            "How often a certificate that is served is looked at again."
        )
    }
}
