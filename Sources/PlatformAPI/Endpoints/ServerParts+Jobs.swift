import CygniConfig
import JobBook

extension ServerParts {
    /// The jobs that have a file on this host; none while one of the files is wrong.
    var jobsHere: [KnownJob] { (try? jobs.knownJobs(.platform)) ?? [] }

    /// A job that has a file on this host.
    ///
    /// - Throws: ``Problem``.
    func knownJob(_ name: String) throws -> KnownJob {
        let jobs: [KnownJob]
        do throws(ConfigErrors) {
            jobs = try self.jobs.knownJobs(.platform)
        } catch {
            throw Problem(.conflict, "the jobs' files on the server's host are wrong: cygni config check")
        }
        guard let job = jobs.first(where: { $0.name == name }) else {
            throw Problem(.notFound, "there is no job '\(name)': there are \(jobs.map(\.name).joined(separator: ", "))")
        }
        return job
    }
}
