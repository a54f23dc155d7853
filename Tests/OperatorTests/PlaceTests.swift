import FoundationEssentials
import Testing

@testable import Operator

@Suite struct PlaceTests {
    private let acme = UUID()
    private let shop = UUID()

    private func number(
        _ directory: inout PlaceDirectory,
        _ tenant: String,
        _ project: String,
        _ batch: inout CopyBatch
    ) throws
        -> Int32
    {
        try withBytes(tenant) { tenant in
            try withBytes(project) { try directory.number(tenant: tenant, project: $0, &batch) }
        }
    }

    @Test func namesAndIdsFindTheSamePlace() throws {
        var directory = PlaceDirectory(["acme": .init(id: acme, projects: ["shop": shop])], policy: .refuse)
        var batch = CopyBatch()
        #expect(try number(&directory, "acme", "shop", &batch) == 0)
        #expect(try number(&directory, " ACME ", "shop", &batch) == 0)
        #expect(try number(&directory, acme.uuidString, shop.uuidString.lowercased(), &batch) == 1)
        let known = Place(number: 0, tenant: .known(acme), project: .known(shop))
        #expect(batch.newPlaces == [known, Place(number: 1, tenant: known.tenant, project: known.project)])
    }

    @Test func theUnknownIsRefusedOrMade() throws {
        let tenants = ["acme": PlaceDirectory.Tenant(id: acme, projects: ["shop": shop])]
        var strict = PlaceDirectory(tenants, policy: .refuse)
        var open = PlaceDirectory(tenants, policy: .create)
        var batch = CopyBatch()
        #expect(
            refusal { _ = try number(&strict, "acme", "api", &batch) }
                == "project: there is no project 'api'; --create makes it"
        )
        #expect(
            refusal { _ = try number(&strict, "zeta", "api", &batch) }
                == "tenant: there is no tenant 'zeta'; --create makes it"
        )
        #expect(try number(&open, "acme", "api", &batch) == 0)
        #expect(batch.newPlaces == [Place(number: 0, tenant: .known(acme), project: .missing(slug: "api"))])
        #expect(refusal { _ = try number(&open, UUID().uuidString, "api", &batch) }?.contains("with the id") == true)
    }

    @Test(
        arguments: [
            ("a", true), ("a-b.c_9", true), (String(repeating: "x", count: 63), true),
            (String(repeating: "x", count: 64), false),
            ("", false), ("-a", false), ("a-", false), ("A", false), ("ä", false), ("a b", false), ("a/b", false),
        ]
    ) func slugsAreAsTheDatabaseChecksThem(name: String, isSlug: Bool) {
        #expect(PlaceDirectory.isSlug(name) == isSlug)
    }

    @Test func daysInARowBecomeSpans() {
        #expect(
            DaySpan.spans(of: [5, 1, 2, 9, 6]) == [
                .init(first: 1, last: 2), .init(first: 5, last: 6), .init(first: 9, last: 9),
            ]
        )
        #expect(DaySpan.spans(of: Array(0..<250)).count == 3)
        #expect(DaySpan.spans(of: []) == [])
    }
}
