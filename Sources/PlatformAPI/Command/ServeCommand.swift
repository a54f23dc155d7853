import CygniAccess
import ArgumentParser
import CygniCommand
import CygniConfig
import CygniLog
import CygniModel
import JobBook
import CygniPostgres
import Logging

/// `cygni-api serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve until told to stop.")

    @OptionGroup var config: ConfigOption

    @Option(
        help: ArgumentHelp("The server's own settings (default: api.yaml beside the shared file).", valueName: "file")
    )
    var apiConfig: String?

    @Option(help: ArgumentHelp("Listen on this port (default: listen.port).", valueName: "n"))
    var port: Int?

    @Flag(help: "Look at settings, database and schema, and serve nothing.")
    var dryRun = false

    @OptionGroup var log: LogOptions

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
    }

    func run() async throws {
        let surroundings = Surroundings.current()
        let status = await serve(surroundings)
        throw ExitCode(status.code)
    }

    private func serve(_ surroundings: Surroundings) async -> ExitStatus {
        let environment = surroundings.environment
        let file = config.path(environment)
        let shared: LoadedConfig<SharedSettings>
        let own: LoadedConfig<APISettings>
        do throws(ConfigErrors) {
            shared = try ConfigLoader.load(SharedSettings.self, file: file, environment: environment)
            let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
            own = try ConfigLoader.load(
                APISettings.self,
                file: apiConfig ?? "\(folder)api.yaml",
                environment: environment
            )
        } catch {
            for problem in error.problems { surroundings.standardError.write(line: "\(problem)") }
            return .configuration
        }
        let logger = log.logger(label: "cygni-api", settings: shared.settings.log, output: surroundings.standardError)
        do {
            let port = port ?? own.settings.listen.port
            let start = ServerStart(
                shared: shared.settings,
                own: own.settings,
                port: port,
                jobs: ConfigFiles(shared: file, environment: environment)
            )
            let parts = try await start.parts()
            if dryRun {
                surroundings.standardOutput.write(line: "all that the server needs is there")
                await parts.database.pool.close()
                return .success
            }
            DescriptorLimit.raise()
            let server = APIServer(
                parts: parts,
                operations: PlatformContract.operations,
                pages: OperatorPages.all,
                logger: logger
            )
            try await server.run(port: port) { port in
                logger.notice("listening", metadata: ["address": "\(own.settings.listen.address)", "port": "\(port)"])
            }
            logger.notice("stopped")
            return .success
        } catch {
            let failure = StartFailure(
                error,
                on: "\(own.settings.listen.address) port \(port ?? own.settings.listen.port)"
            )
            logger.critical("\(failure.words)")
            return failure.status
        }
    }
}
