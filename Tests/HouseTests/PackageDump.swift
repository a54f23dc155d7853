import Foundation
import Glibc

/// What `swift package dump-package` says of this package, as far as these tests look at it.
struct PackageDump: Decodable, Sendable {
    var targets: [Target]

    /// The targets, asked for once: every question costs a start of SwiftPM.
    static func targets() throws -> [Target] {
        try loaded.get().targets
    }

    private static let loaded = Result { try load() }

    struct Target: Decodable, Sendable {
        var name: String
        var type: String
        var path: String?
        var dependencies: [Dependency]
        var settings: [Setting]

        /// Where its sources are: the path it names, else SwiftPM's own rule.
        var folder: String {
            path ?? (type == "test" ? "Tests/\(name)" : "Sources/\(name)")
        }
    }

    /// A dependency on a target or on another package's product; the walls treat both alike.
    struct Dependency: Decodable, Sendable {
        var name: String

        init(name: String) {
            self.name = name
        }

        init(from decoder: any Decoder) throws {
            // {"byName": ["CygniModel", null]} or {"product": ["Yams", "Yams", null, null]}
            let kinds = try decoder.singleValueContainer().decode([String: [Part]].self)
            guard case .name(let name)? = kinds.values.first?.first else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a dependency without a name")
                )
            }
            self.name = name
        }

        private enum Part: Decodable {
            case name(String)
            case other

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = (try? container.decode(String.self)).map(Part.name) ?? .other
            }
        }
    }

    struct Setting: Decodable, Sendable {
        var kind: [String: [String: String]]

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Keys.self)
            // Flags of the linker are a list, and nothing these tests look at.
            kind = (try? values.decode([String: [String: String]].self, forKey: .kind)) ?? [:]
        }

        private enum Keys: CodingKey {
            case kind
        }
    }

    /// Asks SwiftPM, in a scratch folder of its own: `swift test` holds the lock on the usual one while tests run.
    private static func load() throws -> PackageDump {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "cygni-house-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        // Not Foundation's Process: it misses the end of a child when a server that another test starts inherits its socket.
        let command = [
            "swift", "package", "--package-path", Checkout.root.path, "--scratch-path", scratch.path, "dump-package",
        ]
        let quoted = command.map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " ")
        guard let output = popen(quoted, "r") else { throw Failure(status: errno) }
        var json = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, output), count > 0 { json += buffer[..<count] }
        let status = pclose(output)
        guard status == 0 else { throw Failure(status: status) }
        return try JSONDecoder().decode(PackageDump.self, from: json)
    }

    struct Failure: Error, CustomStringConvertible {
        var status: Int32
        var description: String { "swift package dump-package ended with status \(status)" }
    }
}
