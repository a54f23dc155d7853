import CygniCommand
package import CygniConfig
package import CygniJobs
import CygniModel

/// A job that has a configuration file, with a schedule or without.
package struct KnownJob: Sendable {
    /// `metrics-rollup`.
    package let name: String
    package let settings: JobSettings
    package let schedule: RunSchedule?

    package var executable: String { JobWords.of(name)[0] }

    /// What its executable wants before any flag.
    package var subcommand: [String] { Array(JobWords.of(name).dropFirst()) }
}

extension ConfigFiles {
    /// The catalogue's jobs, or every fault of their files.
    package func knownJobs(_ catalogue: ConfigCatalogue) throws(ConfigErrors) -> [KnownJob] {
        var jobs: [KnownJob] = []
        var faults: [ConfigErrors] = []
        for document in catalogue.documents {
            guard let common = document.common, exists(document) else { continue }
            do throws(ConfigErrors) {
                let settings = try common(path(of: document), environment)
                let name = String(document.name.dropFirst("jobs.".count))
                jobs.append(KnownJob(name: name, settings: settings, schedule: settings.runSchedule))
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw ConfigErrors(joining: faults) }
        return jobs
    }

    /// What is wrong between the jobs' files, each of which may be right by itself.
    package func faultsOfOrder(_ catalogue: ConfigCatalogue) -> [String] {
        guard let jobs = try? knownJobs(catalogue) else { return [] }
        let names = Set(jobs.map(\.name))
        func fault(_ job: KnownJob, _ words: String) -> String {
            let document = catalogue.documents.first { $0.name == "jobs.\(job.name)" }
            return "\(document.map { path(of: $0) } ?? job.name):1:1: after: \(words)"
        }
        let strangers = jobs.flatMap { job in
            job.settings.after.filter { !names.contains($0) }.map {
                fault(job, "must name jobs that have a file: \(names.sorted().joined(separator: ", ")) (found \($0))")
            }
        }
        guard strangers.isEmpty, case .failure(let circle) = JobOrder.sorted(jobs) else { return strangers }
        return circle.jobs.map { fault($0, "must not lead back to the job itself (\(circle))") }
    }
}

extension [KnownJob] {
    /// - Throws: ``JobFailure`` that names the jobs there are.
    package func named(_ name: String) throws -> KnownJob {
        if let job = first(where: { $0.name == name }) { return job }
        let names = map(\.name).joined(separator: ", ")
        throw JobFailure("there is no job '\(name)': there are \(names)", status: .usage)
    }
}
