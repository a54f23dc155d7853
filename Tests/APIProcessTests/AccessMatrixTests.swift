import CygniAccess
import Foundation
import HTTPTypes
import Testing

@testable import PlatformAPI

/// Every route with every role, for one's own tenant, for another's things, and for the platform.
@Suite struct AccessMatrixTests {
    /// A path that means something, of one tenant's things.
    private func path(_ operation: APIOperation, of tenant: String, _ server: ServedAPI) async throws -> String {
        let key: String
        switch operation.area {
        case .deployments: key = "\(tenant) 1"
        case .domains: key = "\(tenant) domain"
        default: key = "nothing"
        }
        let id = try await server.text("md5('\(key)')::uuid")
        return operation.path.replacing("{id}", with: id).replacing("{job}", with: "log-archive").replacing(
            "{key}",
            with: String(repeating: "k", count: 22)
        ).replacing(
            "{token}",
            with: String(repeating: "a", count: 20)
        )
    }

    private func body(_ operation: APIOperation, _ server: ServedAPI) async throws -> String? {
        switch operation.id {
        case "pinDeployment": return #"{"pinned": true}"#
        case "addDomain":
            let project = try await server.text("md5('acme web')::uuid")
            return #"{"project_id": "\#(project)", "name": "\#(UUID().uuidString.lowercased()).example.test"}"#
        case "pauseJob", "acknowledgeRun": return #"{"why": "test"}"#
        case "addMetrics": return #"{"samples": []}"#
        case "addLogs": return ""
        case "makeKey": return #"{"name": "k", "role": "viewer", "scopes": ["deployments:read"]}"#
        case "exchangeLink": return #"{"link": "cyl_nothing"}"#
        case "refreshToken", "revokeToken": return #"{"refresh_token": "cyr_nothing"}"#
        default: return operation.body == nil ? nil : "{}"
        }
    }

    private func headers(_ operation: APIOperation) -> [(name: String, value: String)] {
        (operation.body?.contents.first?.mediaType).map { [("Content-Type", $0)] } ?? []
    }

    @Test func everyRouteWithEveryRole() async throws {
        try await withServer { server in
            let operations = PlatformContract.operations
            let roles = Role.allCases.map { ($0, $0.isOfTenant ? "acme" : nil) }
            for operation in operations {
                let path = try await path(operation, of: "acme", server)
                let body = try await body(operation, server)
                let nobody = try await server.ask(
                    operation.method.rawValue,
                    path,
                    body: body,
                    headers: headers(operation)
                )
                if operation.access != .open {
                    #expect(nobody.status == 401 && nobody.problem == "unauthenticated", "\(operation.id): \(nobody)")
                    #expect(nobody.header("WWW-Authenticate") == "Bearer")
                }
                for (role, tenant) in roles {
                    let token = try await server.token(role.rawValue, tenant: tenant)
                    let answer = try await server.ask(
                        operation.method.rawValue,
                        path,
                        token: token,
                        body: body,
                        headers: headers(operation)
                    )
                    let isAllowed =
                        switch operation.access {
                        case .open, .known: true
                        case .tenant(let permission): tenant != nil && role.permissions.contains(permission)
                        case .platform(let permission): tenant == nil && role.permissions.contains(permission)
                        }
                    #expect((answer.status != 403) == isAllowed, "\(operation.id) as \(role): \(answer)")
                    #expect(answer.status < 500, "\(operation.id) as \(role): \(answer)")
                    if operation.access != .open {
                        #expect(answer.status != 401, "\(operation.id) as \(role): \(answer)")
                    }
                }
            }
        }
    }

    /// What is another tenant's is not there: read, changed or listed.
    @Test func nothingOfAnothersTenant() async throws {
        try await withServer { server in
            for operation in PlatformContract.operations {
                guard case .tenant = operation.access else { continue }
                let foreign = try await path(operation, of: "bolt", server)
                let body = try await body(operation, server)
                let token = try await server.token("owner")
                let answer = try await server.ask(
                    operation.method.rawValue,
                    foreign,
                    token: token,
                    body: body,
                    headers: headers(operation)
                )
                #expect(!answer.text.contains("bolt"), "\(operation.id): \(answer)")
                if operation.path.contains("{id}") { #expect(answer.status == 404, "\(operation.id): \(answer)") }
            }
            let changed = "SELECT count(*) FROM cygni.deployments WHERE pinned AND tenant_id = md5('bolt')::uuid"
            #expect(try await server.text(changed) == "0")
            #expect(
                try await server.text("SELECT count(*) FROM cygni.audit_log WHERE tenant_id = md5('bolt')::uuid") == "1"
            )
        }
    }

    @Test func aRoleOfOnesOwn() async throws {
        try await withServer { server in
            try await server.owner(
                "INSERT INTO cygni.api_roles (tenant_id, name, permissions) VALUES (md5('acme')::uuid, 'auditor', '{audit:read,jobs:write,bogus}')"
            )
            let token = try await server.token("auditor")
            #expect(try await server.get("/v2/audit", token: token).status == 200)
            #expect(try await server.get("/v2/deployments", token: token).status == 403)
            let me = try await server.get("/v2/me", token: token)
            #expect(me.json["permissions"] as? [String] == ["audit:read"], "\(me)")
            // The same name means nothing elsewhere.
            #expect(try await server.get("/v2/audit", token: server.token("auditor", tenant: "bolt")).status == 403)
            try await server.owner("DELETE FROM cygni.api_roles")
            #expect(try await server.get("/v2/audit", token: token).status == 403)
        }
    }

    @Test func rolesDoNotCrossFromTenantToPlatform() async throws {
        try await withServer { server in
            let wrong = [
                ("/v2/jobs", "owner", nil), ("/v2/jobs", "operator", "acme"), ("/v2/deployments", "operator", nil),
            ]
            for (path, role, tenant) in wrong {
                let answer = try await server.get(path, token: server.token(role, tenant: tenant))
                #expect(answer.status == 403, "\(role) of \(tenant ?? "the platform"): \(answer)")
            }
            let right = try await server.get("/v2/jobs", token: server.token("operator", tenant: nil))
            #expect(right.status == 200, "\(right)")
        }
    }
}
