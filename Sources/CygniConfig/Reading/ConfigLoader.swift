/// Loads a configuration file into a section, strictly: every fault is found before anything is opened.
package enum ConfigLoader {
    /// Loads a file.
    ///
    /// - Parameters:
    ///   - type: the section that the file's root mapping is.
    ///   - file: the path to open, which problems are reported with; its folder is where relative paths start.
    ///   - environment: what `${VAR}` and `{env: NAME}` are looked up in.
    package static func load<Settings: ConfigSection>(
        _ type: Settings.Type,
        file: String,
        environment: [String: String]
    ) throws(ConfigErrors) -> LoadedConfig<Settings> {
        let text: String
        do throws(ConfigText.Fault) {
            text = try ConfigText.read(file)
        } catch {
            throw error.errors(in: file)
        }
        return try load(type, text: text, file: file, environment: environment)
    }

    /// Loads a text that stands for a file.
    package static func load<Settings: ConfigSection>(
        _ type: Settings.Type,
        bytes: [UInt8],
        file: String,
        environment: [String: String]
    ) throws(ConfigErrors) -> LoadedConfig<Settings> {
        let text: String
        do throws(ConfigText.Fault) {
            text = try ConfigText.decode(bytes)
        } catch {
            throw error.errors(in: file)
        }
        return try load(type, text: text, file: file, environment: environment)
    }

    private static func load<Settings: ConfigSection>(
        _ type: Settings.Type,
        text: String,
        file: String,
        environment: [String: String]
    ) throws(ConfigErrors) -> LoadedConfig<Settings> {
        let session = ConfigSession(
            file: file,
            folder: folder(of: file),
            environment: environment,
            knownPaths: ConfigReader.describe(type).map(\.path)
        )
        guard let root = YamlComposer.compose(text, report: session.report) else {
            throw ConfigErrors(session.problems)
        }
        let settings = ConfigReader.read(type, root, session)
        guard session.problems.isEmpty else { throw ConfigErrors(session.problems) }
        return LoadedConfig(settings: settings, file: file, keys: session.resolved)
    }

    private static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "" }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}

extension ConfigText.Fault {
    fileprivate func errors(in file: String) -> ConfigErrors {
        ConfigErrors([
            ConfigProblem(file: file, place: place, path: ConfigProblem.wholeFile, rule: rule, found: found)
        ])
    }
}
