import CygniModel

/// The schedules as systemd services and timers; see systemd.timer(5), systemd.time(7), systemd.exec(5).
enum SystemdUnits {
    struct Unit: Hashable, Sendable {
        let name: String
        let text: String
    }

    static func render(_ jobs: [ScheduledJob], on target: ScheduleTarget) -> [Unit] {
        jobs.flatMap { job in
            [
                Unit(name: "\(job.unit).service", text: service(job, target)),
                Unit(name: "\(job.unit).timer", text: timer(job)),
            ]
        }
    }

    private static func service(_ job: ScheduledJob, _ target: ScheduleTarget) -> String {
        """
        # Written by `cygni schedule render --format systemd`.
        [Unit]
        Description=Cygni \(job.name)
        Documentation=man:systemd.service(5)
        After=network-online.target
        Wants=network-online.target

        [Service]
        Type=oneshot
        ExecStart=\(target.bin)/\(job.words.joined(separator: " ")) --trigger systemd
        Environment=CYGNI_CONFIG=\(target.installedConfig)
        User=cygni
        # Runs elsewhere: no failure.
        SuccessExitStatus=75
        # The job ends itself after its own timeout; this is for one that hangs.
        TimeoutStartSec=\(seconds(job.timeout + job.grace + .minutes(1)))
        TimeoutStopSec=\(seconds(job.grace + .seconds(10)))
        # What a job writes: its logs go to the journal, its metrics for node_exporter and its files here.
        StateDirectory=cygni
        NoNewPrivileges=yes
        ProtectSystem=strict
        ProtectHome=yes
        PrivateTmp=yes
        PrivateDevices=yes
        ProtectClock=yes
        ProtectControlGroups=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectProc=invisible
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        CapabilityBoundingSet=
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        UMask=0077

        """
    }

    private static func timer(_ job: ScheduledJob) -> String {
        let times = CalendarEvents.of(job.schedule).map { "OnCalendar=\($0) \(job.zone)" }
        return """
            # Written by `cygni schedule render --format systemd`.
            [Unit]
            Description=When Cygni \(job.name) is due

            [Timer]
            \(times.joined(separator: "\n"))
            # To the second: the job waits its own jitter.
            AccuracySec=1s
            # What was due while the machine was off runs once when it is back.
            Persistent=yes

            [Install]
            WantedBy=timers.target

            """
    }

    private static func seconds(_ duration: Duration) -> String {
        "\(duration.microseconds / 1_000_000)s"
    }
}
