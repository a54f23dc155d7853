import Glibc

/// An authoritative server (nsd) with zones of the test's own, ended with its last reference.
package final class NameServer: Sendable {
    package let process: ChildProcess
    package let port: Int
    package let folder: TemporaryFolder

    /// As libunbound names it.
    package var address: String { "127.0.0.1@\(port)" }

    /// - Parameters:
    ///   - zones: by name, `example.com`, each the records of a zone file without its SOA and NS.
    ///   - signed: by name, whole zone files.
    package init(_ zones: [String: String] = [:], signed: [String: String] = [:]) async throws {
        folder = try TemporaryFolder()
        var listed = ""
        for (name, records) in zones {
            listed += try Self.add(name, Self.zone(name, serial: 1, records), to: folder)
        }
        for (name, text) in signed { listed += try Self.add(name, text, to: folder) }
        (process, port) = try await Self.start(listed, in: folder)
    }

    /// A port that was free for TCP may be somebody's for UDP: another one is tried then.
    private static func start(_ zones: String, in folder: TemporaryFolder) async throws -> (ChildProcess, Int) {
        for attempt in 1... {
            let port = try OneTimePort().number
            try folder.write(configuration(port, in: folder) + zones, to: "nsd.conf")
            let process = try ChildProcess(
                path: "/usr/sbin/nsd",
                arguments: ["-d", "-c", folder.file("nsd.conf")],
                folder: folder.path
            )
            do {
                try await process.output(contains: "nsd started", timeLimit: .seconds(20))
                return (process, Int(port))
            } catch  where attempt < 5 && process.errorText.contains("Address already in use") {
                continue
            }
        }
        throw TestSupportError("nsd found no port")
    }

    private static func configuration(_ port: UInt16, in folder: TemporaryFolder) -> String {
        """
        server:
            ip-address: 127.0.0.1
            port: \(port)
            username: ""
            chroot: ""
            database: ""
            zonesdir: "\(folder.path)"
            pidfile: "\(folder.file("nsd.pid"))"
            xfrdfile: "\(folder.file("xfrd.state"))"
            zonelistfile: "\(folder.file("zone.list"))"
            server-count: 1
            hide-version: yes
            # No limit of answers a second to one address: it is always the same.
            rrl-ratelimit: 0
        remote-control:
            control-enable: no

        """
    }

    /// - Returns: the zone's part of the configuration.
    private static func add(_ name: String, _ text: String, to folder: TemporaryFolder) throws -> String {
        try folder.write(text, to: "\(name).zone")
        return "zone:\n    name: \"\(name)\"\n    zonefile: \"\(name).zone\"\n"
    }

    /// Puts other records into a zone. The server is told to read it again, and serves the serial number once it has.
    package func replace(_ name: String, serial: Int, _ records: String) throws {
        try folder.write(Self.zone(name, serial: serial, records), to: "\(name).zone")
        process.signal(SIGHUP)
    }

    private static func zone(_ name: String, serial: Int, _ records: String) -> String {
        """
        $ORIGIN \(name).
        $TTL 60
        @ IN SOA ns.\(name). host.\(name). \(serial) 3600 600 86400 30
        @ IN NS ns.\(name).
        ns IN A 127.0.0.1
        \(records)

        """
    }

    deinit {
        process.signal(SIGTERM)
    }
}
