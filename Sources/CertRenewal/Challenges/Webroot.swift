import CygniJobs
import Glibc

/// http-01 answered by a web server that serves a folder.
struct Webroot: ChallengeResponder {
    let folder: String

    private func path(_ task: ChallengeTask) -> String { "\(folder)/.well-known/acme-challenge/\(task.token)" }

    func present(_ task: ChallengeTask) async throws {
        for part in [folder, "\(folder)/.well-known", "\(folder)/.well-known/acme-challenge"] {
            guard mkdir(part, 0o755) == 0 || errno == EEXIST else {
                throw ChallengeFault("failed to make '\(part)': \(String(cString: strerror(errno)))")
            }
        }
        try AtomicFile.replace(path(task), with: task.keyAuthorization)
    }

    func withdraw(_ task: ChallengeTask) async throws {
        guard unlink(path(task)) == 0 || errno == ENOENT else {
            throw ChallengeFault("failed to remove '\(path(task))': \(String(cString: strerror(errno)))")
        }
    }
}
