package import ArgumentParser
import CygniCommand
import CygniLog

/// The command line of `cygni-api`.
package struct APIProgram: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cygni-api",
        abstract: "Serves the platform's API.",
        discussion: """
            EXAMPLES
              cygni-api
              cygni-api serve --config /etc/cygni/cygni.yaml
              cygni-api document
              cygni token link --operator --for anna@example.test

            SIGNALS
              SIGTERM, SIGINT: accepts nothing more, ends what is under way within
              limits.drain, then exits with 0.

            EXIT STATUS
              0 stopped as it was told  1 failed  64 wrong usage
              69 database out of reach, or the address is taken  78 wrong settings
            """,
        version: "cygni-api \(CygniVersion.text)",
        subcommands: [ServeCommand.self, DocumentCommand.self],
        defaultSubcommand: ServeCommand.self
    )

    package init() {}
}

/// `cygni-api document`.
struct DocumentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "document",
        abstract: "Print the API's document, OpenAPI 3.1, as the server has it at /v2/openapi.json."
    )

    func run() {
        let surroundings = Surroundings.current()
        surroundings.standardOutput.write(line: String(PlatformContract.document.text.dropLast()))
    }
}
