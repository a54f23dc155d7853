import Testing

@Suite("The walls between the rooms")
struct WallTests {
    @Test("Every dependency in Package.swift is one of the drawing")
    func dependenciesAreDrawn() throws {
        #expect(Walls.violations(in: try PackageDump.targets()) == [])
    }

    @Test("Every import in the sources is a declared dependency")
    func importsAreDeclared() throws {
        let targets = try PackageDump.targets().filter { $0.type != "system" }
        #expect(!targets.isEmpty)
        for target in targets {
            for file in try Checkout.swiftFiles(below: target.folder) {
                let found = Walls.violations(in: target, file: file, lines: try Checkout.lines(of: file))
                #expect(found == [])
            }
        }
    }

    @Test("Every Swift target is built in the house's strict mode")
    func settingsAreStrict() throws {
        let features: Set = ["ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault"]
        for target in try PackageDump.targets() where target.type != "system" {
            // One of C alone has no such settings.
            guard try !Checkout.swiftFiles(below: target.folder).isEmpty else { continue }
            let enabled = Set(target.settings.compactMap { $0.kind["enableUpcomingFeature"]?["_0"] })
            #expect(enabled.isSuperset(of: features), "\(target.name)")
            #expect(target.settings.contains { $0.kind["treatAllWarnings"]?["_0"] == "error" }, "\(target.name)")
        }
    }

    @Test("A forbidden arrow, and a room that nobody drew, are found")
    func plantedFaultsAreFound() {
        let planted = [
            target("MetricsRollup", ["CygniModel", "CPostgres"]),
            target("Operator", ["MetricsRollup"]),
            target("CygniUtils", []),
        ]
        #expect(
            Walls.violations(in: planted) == [
                "'MetricsRollup' may not depend on 'CPostgres'",
                "'CygniUtils' is in no drawing: add it to docs/architecture.md and to Walls",
            ]
        )
    }

    @Test(
        "An undeclared import is found, however it is written",
        arguments: ["import Yams", "package import Yams", "@preconcurrency import Yams", "    import struct Yams.Node"]
    )
    func plantedImportsAreFound(line: String) {
        #expect(
            Walls.violations(
                in: target("CygniLog", ["CygniModel"]),
                file: "F.swift",
                lines: ["import CygniModel", line]
            )
                == ["F.swift:2: 'CygniLog' imports 'Yams' without depending on it"]
        )
    }

    @Test("Prose about an import is none")
    func proseIsNoImport() {
        #expect(Walls.importedModules(in: ["// import Yams", "let text = \"import Yams\""]).isEmpty)
    }

    private func target(_ name: String, _ dependencies: [String]) -> PackageDump.Target {
        .init(name: name, type: "regular", path: nil, dependencies: dependencies.map { .init(name: $0) }, settings: [])
    }
}
