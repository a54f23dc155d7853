import Glibc

/// The one folder under which this test process keeps everything: clusters, temporary folders, sockets.
///
/// A small shell, the watchdog, holds the reading end of a pipe whose writing end only this process has. The pipe closes
/// when this process ends in whatever way, `kill -9` included; the watchdog then ends the servers below the folder and
/// removes it. An ordinary exit waits for it.
enum ProcessRoot {
    /// Its path: short, because a socket's path below it may have 107 bytes only.
    static func path() throws -> String { try started.get().path }

    private struct Started {
        let path: String
        let lifeline: Pipe
        let watchdog: pid_t
    }

    private static let started = Result { try start() }

    /// Ends a server by the pid in its own data folder, and only if that process works in this very folder; then whatever
    /// else works below ours.
    private static let watchdogScript = """
        cat >/dev/null
        for file in "$1"/*/data/postmaster.pid; do
          [ -f "$file" ] || continue
          read -r pid <"$file"
          data=${file%/postmaster.pid}
          [ "$(readlink "/proc/$pid/cwd")" = "$data" ] || continue
          kill -QUIT "$pid"
          tries=0
          while [ "$(readlink "/proc/$pid/cwd")" = "$data" ]; do
            sleep 0.02
            tries=$((tries + 1))
            [ "$tries" -ne 300 ] || kill -KILL "$pid"
            [ "$tries" -lt 400 ] || break
          done
        done
        for process in /proc/[0-9]*; do
          case $(readlink "$process/cwd") in "$1"/*) kill -KILL "${process#/proc/}" ;; esac
        done
        [ -n "$CYGNI_TEST_KEEP" ] || rm -rf "$1"
        """

    private static func start() throws -> Started {
        var template = Array("/tmp/cygni.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestSupportError("failed to make a folder under /tmp", errno: errno)
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The server may run as another user, who has to get through.
        chmod(path, 0o711)
        let lifeline = try Pipe()
        var spawn = Spawn(ownSession: true)
        defer { spawn.free() }
        spawn.connect(lifeline.readEnd, to: STDIN_FILENO)
        spawn.open("/dev/null", for: STDOUT_FILENO)
        spawn.open("/dev/null", for: STDERR_FILENO)
        var environment = ["PATH": "/usr/bin:/bin"]
        if getenv("CYGNI_TEST_KEEP") != nil { environment["CYGNI_TEST_KEEP"] = "1" }
        let watchdog = try spawn.start("/bin/sh", ["-c", watchdogScript, "watchdog", path], environment)
        lifeline.closeRead()
        atexit {
            guard case .success(let started) = ProcessRoot.started else { return }
            started.lifeline.closeWrite()
            var status: Int32 = 0
            waitpid(started.watchdog, &status, 0)
        }
        return Started(path: path, lifeline: lifeline, watchdog: watchdog)
    }
}
