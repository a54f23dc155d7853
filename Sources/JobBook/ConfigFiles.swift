package import CygniConfig
import FoundationEssentials

/// The configuration files of one machine: the shared one, and those of the jobs in the folder `jobs` beside it.
package struct ConfigFiles: Sendable {
    package let shared: String
    package let environment: [String: String]

    package init(shared: String, environment: [String: String]) {
        (self.shared, self.environment) = (shared, environment)
    }

    /// What loading them all gives.
    package struct Outcome: Sendable {
        package var loaded: [(file: String, yaml: String)] = []
        /// Every fault, as it is told.
        package var faults: [String] = []
    }

    private var folder: String {
        guard let slash = shared.lastIndex(of: "/") else { return "" }
        return String(shared[...slash])
    }

    package func path(of document: ConfigDocument) -> String {
        document.name == "shared" ? shared : folder + document.file
    }

    package func exists(_ document: ConfigDocument) -> Bool {
        FileManager.default.fileExists(atPath: path(of: document))
    }

    /// Loads every file there is; one of a job that has none is no fault, but one of no job is.
    package func load(_ catalogue: ConfigCatalogue) -> Outcome {
        var outcome = Outcome()
        for document in catalogue.documents where document.name == "shared" || exists(document) {
            let file = path(of: document)
            do throws(ConfigErrors) {
                outcome.loaded.append((file, try document.effectiveYAML(file: file, environment: environment)))
            } catch {
                outcome.faults += error.problems.map(\.description)
            }
        }
        outcome.faults += strangers(catalogue) + faultsOfOrder(catalogue)
        return outcome
    }

    /// Files that no job reads: most likely a name was mistyped, and a job runs on its defaults.
    private func strangers(_ catalogue: ConfigCatalogue) -> [String] {
        let known = Set(catalogue.documents.map(\.file))
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)jobs")) ?? []
        return names.sorted().filter { $0.hasSuffix(".yaml") && !known.contains("jobs/\($0)") }.map { name in
            let jobs = catalogue.documents.map(\.file).filter { $0.hasPrefix("jobs/") }.joined(separator: ", ")
            return "\(folder)jobs/\(name):1:1: (file): must be the file of a job: \(jobs) (found \(name))"
        }
    }
}
