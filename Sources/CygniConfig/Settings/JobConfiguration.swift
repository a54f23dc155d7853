/// Everything one run is configured with: the shared file and the job's own.
package struct JobConfiguration<Own: ConfigSection>: Sendable {
    package let shared: LoadedConfig<SharedSettings>
    package let job: LoadedConfig<JobFile<Own>>

    /// Loads both files; the faults of both come out together, the shared file's first.
    ///
    /// - Parameter hasJobFile: false reads the job's file as an empty one, so that its defaults hold.
    package init(
        _ own: Own.Type,
        sharedFile: String,
        jobFile: String,
        hasJobFile: Bool = true,
        environment: [String: String]
    ) throws(ConfigErrors) {
        var errors: [ConfigErrors] = []
        var shared: LoadedConfig<SharedSettings>?
        var job: LoadedConfig<JobFile<Own>>?
        do throws(ConfigErrors) {
            shared = try ConfigLoader.load(SharedSettings.self, file: sharedFile, environment: environment)
        } catch {
            errors.append(error)
        }
        do throws(ConfigErrors) {
            job =
                hasJobFile
                ? try ConfigLoader.load(JobFile<Own>.self, file: jobFile, environment: environment)
                : try ConfigLoader.load(JobFile<Own>.self, bytes: [], file: jobFile, environment: environment)
        } catch {
            errors.append(error)
        }
        guard let shared, let job else { throw ConfigErrors(joining: errors) }
        self.shared = shared
        self.job = job
    }

    /// What a run's configuration hash is taken over; the places of the files are no part of it.
    package var canonicalText: String {
        "# shared\n\(shared.canonicalText)# job\n\(job.canonicalText)"
    }
}
