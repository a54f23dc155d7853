import CygniModel

/// A thing in an engine that has our labels.
package struct EngineObject: Hashable, Sendable {
    /// The engine's name in the settings.
    package var engine: String
    /// `container`, `network`, `volume`, `image`, or a Kubernetes kind.
    package var kind: String
    /// What the engine calls it for good: an id, not a name that another thing may have tomorrow.
    package var ref: String
    package var name: String
    /// The deployment that its label names; empty: none.
    package var deployment: String

    package init(engine: String, kind: String, ref: String, name: String, deployment: String) {
        self.engine = engine
        self.kind = kind
        self.ref = ref
        self.name = name
        self.deployment = deployment
    }

    /// For a person.
    package var words: String { "\(engine)/\(kind)/\(name.printable)" }
}

/// Labels that say what is ours, and whose.
struct Label {
    let platform: String
    let deployment: String

    static let object = Label(platform: "dev.cygni.platform", deployment: "dev.cygni.deployment")

    /// A container inherits its image's labels: with the same ones, whatever somebody runs of a preview's image would go with it.
    static let image = Label(platform: "dev.cygni.image.platform", deployment: "dev.cygni.image.deployment")

    /// The names that an image was built with, separated by spaces.
    static let imageName = "dev.cygni.image.name"

    static func of(_ kind: String) -> Label { kind == "image" ? image : object }
}

/// What previews run on.
package protocol Engine: Sendable {
    /// Its name in the settings.
    var name: String { get }

    /// All that has our labels, in the order in which it is to be deleted.
    ///
    /// - Throws: ``EngineFault`` unless the engine told all.
    func objects() async throws -> [EngineObject]

    /// Deletes one thing, if its labels still say that it is that deployment's. One that is gone already is gone.
    ///
    /// - Throws: ``EngineFault``.
    func delete(_ object: EngineObject) async throws
}

/// An engine did not do what it was asked, or did not tell.
package struct EngineFault: Error, CustomStringConvertible {
    package let description: String

    init(_ engine: String, _ text: String) {
        description = "engine \(engine): \(text)"
    }
}
