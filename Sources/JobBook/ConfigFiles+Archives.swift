package import CygniConfig
package import LogArchive

extension ConfigFiles {
    /// How archives are written on this host, and what opens them; what holds without a file when there is none.
    package func archiveSettings() throws(ConfigErrors) -> ArchiveSettings {
        let document = ConfigDocument.job("log-archive", ArchiveSettings.self)
        guard exists(document) else { return .standard }
        let file = path(of: document)
        return try ConfigLoader.load(JobFile<ArchiveSettings>.self, file: file, environment: environment).settings.own
    }
}
