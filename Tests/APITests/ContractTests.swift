import CygniAccess
import CygniModel
import Foundation
import Testing

@testable import PlatformAPI

@Suite struct ContractTests {
    private func input(_ text: String) throws -> JSONInput {
        try JSONDecoder().decode(JSONInput.self, from: Data(text.utf8))
    }

    @Test func jsonKeepsItsKinds() throws {
        let value = try input(#"{"a": [1, 1.5, true, null, "x"], "b": {"0": -7}, "c": 9007199254740993}"#)
        #expect(value["a"] == .array([.integer(1), .number(1.5), .bool(true), .null, .string("x")]))
        #expect(value["b"]?["0"] == .integer(-7) && value["c"]?.int == 9_007_199_254_740_993)
        #expect(value.json.text == #"{"a":[1,1.5,true,null,"x"],"b":{"0":-7},"c":9007199254740993}"#)
    }

    @Test(arguments: [
        (#"{"id": "x"}"#, ["/id"]), (#"{"id": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}"#, []), (#"{}"#, ["/id"]),
        (#"[]"#, [""]), (#"{"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "n": 11}"#, ["/n"]),
        (#"{"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "n": 1.5, "x": 1}"#, ["/n", "/x"]),
        (#"{"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "tags": ["a", "B", 3]}"#, ["/tags/1", "/tags/2"]),
        (#"{"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "tags": ["a", "a", "a", "a"]}"#, ["/tags"]),
        (#"{"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "at": "2026-11-26"}"#, ["/at"]),
        (#"{"id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "at": null}"#, []),
    ])
    func shapesAreHeld(text: String, places: [String]) throws {
        let schema = Schema.object([
            .init("id", .uuid, ""), .init("n", .integer(1...10), "", optional: true),
            .init("tags", .array(.text(1...5, pattern: "[a-z]+"), count: 0...3), "", optional: true),
            .init("at", .nullable(.time), "", optional: true),
        ])
        var faults: [Problem.Fault] = []
        schema.check(try input(text), at: "", into: &faults)
        #expect(faults.map(\.place) == places)
    }

    @Test func operationsAreToldApart() {
        let operations = PlatformContract.operations
        #expect(Set(operations.map(\.id)).count == operations.count)
        #expect(Set(operations.map { "\($0.method) \($0.path)" }).count == operations.count)
        for operation in operations {
            let names = operation.path.matches(of: /\{([a-z]+)\}/).map { String($0.output.1) }
            #expect(names == operation.parameters.filter { $0.place == .path }.map(\.name), "\(operation.id)")
            // Who has a tenant has a rate; what changes something of a tenant's is idempotent or a DELETE.
            if case .tenant = operation.access { #expect(operation.rate != .none, "\(operation.id)") }
            // What comes in is written by the queue, with its key.
            if operation.isIdempotent, operation.rate != .ingest, case .any = operation.handler {
                Issue.record("\(operation.id) has no transaction")
            }
        }
    }

    @Test func rolesOnlyGrow() {
        let tenant: [Role] = [.viewer, .developer, .admin, .owner]
        for (less, more) in zip(tenant, tenant.dropFirst()) {
            #expect(less.permissions.isStrictSubset(of: more.permissions), "\(less), \(more)")
        }
        #expect(Role.owner.permissions.isDisjoint(with: Role.operator.permissions))
    }

    @Test func datesOfHeaders() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test func cursorsAreBoundToTheirScope() throws {
        let secret = try #require(ServerSecret(Secret(Data(repeating: 7, count: 32).base64EncodedString())))
        let cursor = Cursor(time: Timestamp(microseconds: 1_234_567_890_123_456), id: "a.b")
        let text = cursor.text(secret, ["list", "tenant"])
        #expect(try Cursor(reading: text, secret, ["list", "tenant"]) == cursor)
        for scope in [["list", "other"], ["listt", "enant"], ["list"], ["list", "tenant", ""]] {
            #expect(throws: Problem.self) { try Cursor(reading: text, secret, scope) }
        }
        let other = try #require(ServerSecret(Secret(Data(repeating: 8, count: 32).base64EncodedString())))
        #expect(throws: Problem.self) { try Cursor(reading: text, other, ["list", "tenant"]) }
    }

    @Test func passwordsOfMachinesHaveTheirForm() {
        let key = RandomCredential(.key)
        let text = key.text.reveal()
        #expect(text.count == 47 && RandomCredential(.key, reading: text)?.hash == key.hash)
        #expect(RandomCredential(.refresh, reading: text) == nil && "\(key)".contains(text.dropFirst(10)) == false)
    }
}
