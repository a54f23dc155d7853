import CygniAccess
import CygniCommand
import CygniModel
import HTTPTypes

/// The API's document, OpenAPI 3.1, made of its operations.
struct APIDocument: Sendable {
    static let version = "2.0.0"
    let operations: [APIOperation]

    /// The document, with a newline at its end; the same for the same operations.
    var text: String { PrettyJSON.text(json) + "\n" }

    var json: JSONValue {
        .object([
            ("openapi", .string("3.1.0")),
            (
                "info",
                .object([
                    ("title", .string("Cygni")), ("version", .string(Self.version)),
                    (
                        "description",
                        .string(
                            "The API of a self-hosted deployment platform. Errors are problem details (RFC 9457); lists are paged by opaque cursors; every answer names its request in X-Request-Id."
                        )
                    ), ("license", .object([("name", .string("Apache-2.0")), ("identifier", .string("Apache-2.0"))])),
                ])
            ),
            ("servers", .array([.object([("url", .string("/"))])])),
            (
                "tags",
                .array(
                    APIOperation.Area.allCases.filter { area in operations.contains { $0.area == area } }.map {
                        .object([("name", .string($0.rawValue))])
                    }
                )
            ),
            ("paths", paths),
            (
                "components",
                .object([
                    ("schemas", .object(components)),
                    (
                        "securitySchemes",
                        .object([
                            (
                                "bearer",
                                .object([
                                    ("type", .string("http")), ("scheme", .string("bearer")),
                                    ("description", .string("An access token (RFC 9068) or a key, cyg_…")),
                                ])
                            )
                        ])
                    ),
                ])
            ),
        ])
    }

    private var paths: JSONValue {
        var order: [String] = []
        for operation in operations where !order.contains(operation.path) { order.append(operation.path) }
        return .object(
            order.map { path in
                (
                    path,
                    .object(
                        operations.filter { $0.path == path }.map {
                            ($0.method.rawValue.lowercased(), $0.document)
                        }
                    )
                )
            }
        )
    }

    private var components: [(name: String, value: JSONValue)] {
        var found: [String: Schema] = ["Problem": Self.problem]
        for operation in operations {
            let shapes = operation.answers.compactMap(\.schema) + (operation.body?.contents.map(\.schema) ?? [])
            for (name, schema) in shapes.flatMap(\.components) { found[name] = schema }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }
    }

    private static let problem = Schema.object([
        .init("type", .choice(Problem.Kind.allCases.map(\.type)), "Which kind of problem: stable, to be compared."),
        .init("title", .text, "The kind in words."),
        .init("status", .integer(400...599), "The status of the answer."),
        .init("instance", .text, "The request, as urn:request:ID."),
        .init("detail", .text(0...10_000), "What is special about this one.", optional: true),
        .init(
            "errors",
            .array(
                .object([
                    .init("pointer", .text(0...10_000), "A JSON Pointer into the body.", optional: true),
                    .init("parameter", .text, "A parameter: query/NAME, path/NAME, header/NAME.", optional: true),
                    .init("detail", .text(0...10_000), "The rule that is broken."),
                ]),
                count: 0...1000
            ),
            "What is wrong, part by part.",
            optional: true
        ),
    ])
}

extension APIOperation {
    /// As the document has it.
    fileprivate var document: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("operationId", .string(id)), ("tags", .array([.string(area.rawValue)])), ("summary", .string(summary)),
        ]
        let words = [detail, accessWords].filter { !$0.isEmpty }.joined(separator: " ")
        if !words.isEmpty { members.append(("description", .string(words))) }
        if deprecation != nil { members.append(("deprecated", .bool(true))) }
        members.append(("security", .array(access == .open ? [] : [.object([("bearer", .array([]))])])))
        switch access {
        case .tenant(let permission), .platform(let permission):
            members.append(("x-permission", .string(permission.rawValue)))
        case .open, .known: break
        }
        if !parameters.isEmpty { members.append(("parameters", .array(parameters.map(\.document)))) }
        if let body {
            let content = body.contents.map { content in
                (name: content.mediaType, value: JSONValue.object([("schema", content.schema.json)]))
            }
            members.append(
                (
                    "requestBody",
                    .object([
                        ("required", .bool(true)), ("description", .string(body.doc)), ("content", .object(content)),
                    ])
                )
            )
        }
        members.append(("responses", .object(responses)))
        return .object(members)
    }

    private var accessWords: String {
        switch access {
        case .open: "Open to anybody."
        case .known: "For anybody with credentials."
        case .tenant(let permission): "Needs \(permission.rawValue)."
        case .platform(let permission): "Needs \(permission.rawValue), which the platform's operators have."
        }
    }

    private var responses: [(name: String, value: JSONValue)] {
        let good = answers.map { answer in
            var members: [(name: String, value: JSONValue)] = [("description", .string(answer.doc))]
            if let schema = answer.schema {
                members.append(
                    (
                        "content", .object([(answer.mediaType, .object([("schema", schema.json)]))])
                    )
                )
            }
            return (name: "\(answer.status.code)", value: JSONValue.object(members))
        }
        let content = JSONValue.object([
            (
                "application/problem+json",
                .object([("schema", .object([("$ref", .string("#/components/schemas/Problem"))]))])
            )
        ])
        let bad = Dictionary(grouping: allProblems, by: \.status.code).sorted { $0.key < $1.key }
        return good
            + bad.map { code, kinds in
                let titles = kinds.map(\.title).joined(separator: "; or: ")
                return ("\(code)", .object([("description", .string("\(titles).")), ("content", content)]))
            }
    }

    /// Every kind of problem that it can end in.
    var allProblems: [Problem.Kind] {
        var kinds = Set(problems).union([.invalidRequest, .busy, .unavailable, .internalError, .timedOut])
        if body != nil { kinds.formUnion([.malformedBody, .bodyTooLarge, .unsupportedMediaType]) }
        switch access {
        case .open: break
        case .known: kinds.insert(.unauthenticated)
        case .tenant, .platform: kinds.formUnion([.unauthenticated, .forbidden])
        }
        if rate != .none { kinds.insert(.rateLimited) }
        if isIdempotent { kinds.formUnion([.keyReused, .requestInFlight]) }
        if parameters.contains(where: { $0.place == .path }) { kinds.insert(.notFound) }
        if parameters.contains(where: { $0.name == "cursor" }) { kinds.insert(.invalidCursor) }
        return Problem.Kind.allCases.filter(kinds.contains)
    }
}

extension APIOperation.Parameter {
    fileprivate var document: JSONValue {
        .object([
            ("name", .string(name)), ("in", .string(place.rawValue)), ("description", .string(doc)),
            ("required", .bool(isRequired)), ("schema", schema.json),
        ])
    }
}
