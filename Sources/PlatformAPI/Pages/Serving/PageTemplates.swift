import Mustache

/// The templates, parsed once. What they show is escaped; none of them asks for it not to be, which a test holds.
enum PageTemplates {
    static let sources: [(name: String, bytes: [UInt8])] = [
        ("layout", PackageResources.layout_mustache), ("time", PackageResources.time_mustache),
        ("state", PackageResources.state_mustache), ("next", PackageResources.next_mustache),
        ("runs_table", PackageResources.runs_table_mustache), ("spark", PackageResources.spark_mustache),
        ("share", PackageResources.share_mustache),
        ("problem", PackageResources.problem_mustache), ("sign_in", PackageResources.sign_in_mustache),
        ("overview", PackageResources.overview_mustache), ("jobs", PackageResources.jobs_mustache),
        ("job", PackageResources.job_mustache), ("runs", PackageResources.runs_mustache),
        ("run", PackageResources.run_mustache), ("domains", PackageResources.domains_mustache),
        ("certificates", PackageResources.certificates_mustache), ("storage", PackageResources.storage_mustache),
        ("previews", PackageResources.previews_mustache), ("audit", PackageResources.audit_mustache),
    ]

    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(MarkupEscaping(), named: MarkupEscaping.name)
        var library = MustacheLibrary()
        for (name, bytes) in sources {
            let text = "{{% CONTENT_TYPE:\(MarkupEscaping.name)}}\n" + String(decoding: bytes, as: UTF8.self)
            do {
                try library.register(text, named: name)
            } catch {
                preconditionFailure("template '\(name)': \(error)")
            }
        }
        return library
    }()

    static func text(_ frame: PageFrame, _ template: String) -> String {
        guard let text = library.render(frame, withTemplate: template) else {
            preconditionFailure("there is no template '\(template)'")
        }
        return text
    }
}
