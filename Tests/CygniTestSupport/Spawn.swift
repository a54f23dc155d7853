import Glibc
import Synchronization

/// The settings of one `posix_spawn`.
struct Spawn {
    private var actions = posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()

    init(ownSession: Bool) {
        // A reader that left must cost us an error, not the process. The child gets the default back below.
        signal(SIGPIPE, SIG_IGN)
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        // POSIX_SPAWN_SETSID, which <spawn.h> shows to GNU C only.
        let session = ownSession ? 0x80 : 0 as Int16
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | session)
    }

    mutating func connect(_ descriptor: Int32, to target: Int32) {
        posix_spawn_file_actions_adddup2(&actions, descriptor, target)
    }

    mutating func open(_ file: String, for target: Int32) {
        posix_spawn_file_actions_addopen(&actions, target, file, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    }

    /// Starts the program and returns its process id.
    mutating func start(_ path: String, _ arguments: [String], _ environment: [String: String]) throws -> pid_t {
        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { Glibc.free($0) } }
        var pid: pid_t = 0
        let failure = spawnLock.withLock { _ in posix_spawn(&pid, path, &actions, &attributes, &argv, &envp) }
        guard failure == 0 else { throw TestSupportError("failed to start '\(path)'", errno: failure) }
        return pid
    }

    mutating func free() {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
}
