import CygniModel
import Testing

@Suite("The documents")
struct DocumentTests {
    @Test("Every link to a file finds it")
    func linksResolve() throws {
        for document in try Documents.all() {
            for file in Documents.linkedFiles(in: document, lines: try Checkout.lines(of: document)) {
                #expect(Checkout.exists(file), "\(document) links to \(file)")
            }
        }
    }

    @Test("The README has a row for every executable")
    func executablesAreListed() throws {
        let readme = try Checkout.lines(of: "README.md")
        for target in try PackageDump.targets()
        where target.type == "executable" && !Walls.isForTests(target) {
            #expect(readme.contains { $0.hasPrefix("| `\(target.name)` |") }, "\(target.name)")
        }
    }

    @Test("The README explains exactly the exit statuses that there are")
    func exitStatusesAreListed() throws {
        let statuses: [CygniModel.ExitStatus] = [
            .success, .failure, .partial, .pending, .usage, .unavailable, .tryLater, .configuration, .timedOut,
        ]
        #expect(Documents.exitCodes(in: try Checkout.lines(of: "README.md")) == statuses.map(\.code))
    }

    @Test("Links are read relative to their document, addresses and anchors left out")
    func linksAreRead() {
        let lines = ["[a](b.md#c) and [d](../e) and [f](https://example.test/) and [g](#h)"]
        #expect(Documents.linkedFiles(in: "docs/x.md", lines: lines) == ["docs/b.md", "docs/../e"])
    }

    @Test("CI runs the README's own test command")
    func testCommandIsMarked() throws {
        let readme = try Checkout.lines(of: "README.md")
        let marker = try #require(readme.firstIndex(of: "<!-- test command -->"))
        #expect(readme[(marker + 1)...].prefix(3) == ["```", "make test", "```"])
    }
}
