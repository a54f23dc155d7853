import Foundation
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Reads a request's parameters and JSON body as the shapes of its operation want them.
enum ArgumentReader {
    static func parameters(
        of operation: APIOperation,
        _ request: Request,
        _ path: Parameters
    ) -> (Arguments, [Problem.Fault]) {
        var arguments = Arguments()
        var faults: [Problem.Fault] = []
        var given: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            if given.updateValue(String(value), forKey: name) != nil {
                faults.append(.init("query/\(name)", "is given twice"))
            }
        }
        for parameter in operation.parameters {
            let text =
                switch parameter.place {
                case .path: path.get(parameter.name).map { $0.removingPercentEncoding ?? $0 }
                case .query: given.removeValue(forKey: parameter.name)
                case .header: HTTPField.Name(parameter.name).flatMap { request.headers[$0] }
                }
            let place = "\(parameter.place.rawValue)/\(parameter.name)"
            guard let text else {
                if parameter.isRequired, parameter.place != .path { faults.append(.init(place, "is required")) }
                continue
            }
            guard let value = parameter.schema.value(of: text) else {
                // Says of which type it must be.
                parameter.schema.check(.string(text), at: place, into: &faults)
                continue
            }
            parameter.schema.check(value, at: place, into: &faults)
            switch parameter.place {
            case .path: arguments.path[parameter.name] = value
            case .query: arguments.query[parameter.name] = value
            case .header: arguments.headers[parameter.name] = value
            }
        }
        for name in given.keys.sorted() {
            let known = operation.parameters.filter { $0.place == .query }.map(\.name).joined(separator: ", ")
            let words =
                known.isEmpty ? "is no parameter here: there are none" : "is no parameter here: there are \(known)"
            faults.append(.init("query/\(name)", words))
        }
        return (arguments, faults)
    }

    /// - Throws: ``Problem`` of kind `malformed-body`.
    static func body(_ bytes: ByteBuffer) throws -> JSONInput {
        do {
            return try JSONDecoder().decode(JSONInput.self, from: Data(bytes.readableBytesView))
        } catch {
            throw Problem(.malformedBody, "the body is not JSON (RFC 8259)")
        }
    }
}
