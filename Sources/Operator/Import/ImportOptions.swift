import ArgumentParser

/// The flags that both imports have.
struct ImportOptions: ParsableArguments {
    @Argument(help: "The file to import; - is standard input.")
    var file: String

    @Option(help: ArgumentHelp("The tenant of rows that name none.", valueName: "slug"))
    var tenant: String?

    @Option(help: ArgumentHelp("The project of rows that name none.", valueName: "slug"))
    var project: String?

    @Flag(help: "Make tenants and projects that are missing; without it their rows are refused.")
    var create = false

    @Option(
        help: ArgumentHelp(
            "Where rejected lines go, with number and reason; else FILE.rejects, for standard input ./import.rejects, "
                + "with a number behind it where that is taken.",
            valueName: "file"
        )
    )
    var rejects: String?

    @Flag(help: "Read and count everything; open no database and write no file.")
    var dryRun = false

    @Option(help: ArgumentHelp("Refuse rows of more days than this; each day has a partition.", valueName: "n"))
    var maxDays = 1000

    @Flag(
        help: "Import a file from its start even when it was imported before, or partly; its reject file is replaced."
    )
    var again = false

    @Option(
        help: ArgumentHelp(
            "Step over the first N lines of the input. A file that grew is another file, imported whole: give the lines "
                + "it had then, or its old rows count twice.",
            valueName: "n"
        )
    )
    var afterLine = 0

    func validate() throws {
        for (flag, name) in [("--tenant", tenant), ("--project", project)] {
            guard let name, !PlaceDirectory.isSlug(name.lowercased()) else { continue }
            throw ValidationError("\(flag) '\(name)' is not a slug: a-z, 0-9, '.', '_', '-', at most 63 long")
        }
        guard (1...84_000).contains(maxDays) else { throw ValidationError("--max-days is from 1 to 84000") }
        guard afterLine >= 0 else { throw ValidationError("--after-line is not below 0") }
    }

    var rejectsPath: String {
        rejects ?? (file == "-" ? "import.rejects" : "\(file).rejects")
    }
}
