/// One configuration file that there is, by name: what it may hold and how to load it.
package struct ConfigDocument: Sendable {
    /// `shared`, or `jobs.` and the job's name.
    package let name: String
    /// The file's path from the folder of the shared file: `cygni.yaml`, `jobs/metrics-rollup.yaml`.
    package let file: String
    /// One sentence on what the file is.
    package let doc: String
    /// Every key, in the order of its declaration.
    package let keys: [KeyDescription]

    private let effective: @Sendable (String, [String: String]) throws(ConfigErrors) -> String
    /// Loads the keys that every job has, from the file of a job; nil for the shared file.
    package let common: (@Sendable (String, [String: String]) throws(ConfigErrors) -> JobSettings)?

    /// Describes the file whose root mapping is `Settings`.
    package init<Settings: ConfigSection>(
        _ name: String,
        file: String,
        _ type: Settings.Type,
        _ doc: String,
        common: (@Sendable (String, [String: String]) throws(ConfigErrors) -> JobSettings)? = nil
    ) {
        self.name = name
        self.file = file
        self.doc = doc
        keys = ConfigReader.describe(type)
        self.common = common
        effective = { file, environment throws(ConfigErrors) in
            try ConfigLoader.load(type, file: file, environment: environment).effectiveYAML
        }
    }

    /// The shared settings.
    package static var shared: ConfigDocument {
        ConfigDocument("shared", file: "cygni.yaml", SharedSettings.self, "The settings that every executable shares.")
    }

    /// The file of a job: its own keys beside those that every job has.
    package static func job<Own: ConfigSection>(_ job: String, _ own: Own.Type) -> ConfigDocument {
        ConfigDocument("jobs.\(job)", file: "jobs/\(job).yaml", JobFile<Own>.self, "The settings of cygni-\(job).") {
            file,
            environment throws(ConfigErrors) in
            try ConfigLoader.load(JobFile<Own>.self, file: file, environment: environment).settings.common
        }
    }

    /// Loads a file of this kind, and gives the configuration in force as YAML.
    package func effectiveYAML(file: String, environment: [String: String]) throws(ConfigErrors) -> String {
        try effective(file, environment)
    }

    /// A key's path as `explain` knows it: keys of a job's file start with the document's name.
    package func fullPath(of key: KeyDescription) -> String {
        name == "shared" ? key.path : "\(name).\(key.path)"
    }
}
