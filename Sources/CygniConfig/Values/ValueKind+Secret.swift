package import CygniModel
import Glibc

extension ValueKind where Value == Secret {
    /// A reference to a secret, `{env: NAME}` or `{file: PATH}`; the secret itself is refused and never echoed.
    ///
    /// One newline at the end of a file is not part of the secret. A file that others may change is refused; one that
    /// others may read is not, because container platforms mount secrets so.
    package static var secret: ValueKind<Secret> {
        ValueKind(
            phrase: "a reference to a secret, {env: NAME} or {file: PATH}",
            schema: .members([
                "oneOf": .list([reference(to: "env"), reference(to: "file")])
            ]),
            placeholder: Secret(""),
            isSecret: true,
            spell: { _ in .string("[secret]") },
            decode: decodeReference
        )
    }

    private static func reference(to source: String) -> ConfigValue {
        .members([
            "type": .string("object"),
            "properties": .object([.init(key: source, value: .members(["type": .string("string")]))]),
            "required": .list([.string(source)]),
            "additionalProperties": .boolean(false),
        ])
    }

    private static func decodeReference(_ node: ConfigNode, _ context: ValueContext) -> Decoded<Secret>? {
        let rule = "must be a reference to a secret, {env: NAME} or {file: PATH}, never the secret itself"
        guard case .mapping(let entries) = node.content else {
            context.report(node, rule, found: node.isEmpty || node.isNull ? "nothing" : "a value in plain")
            return nil
        }
        guard entries.count == 1, let entry = entries.first, case .scalar(let raw, _) = entry.value.content,
            entry.key == "env" || entry.key == "file"
        else {
            // The keys are shown, the values are not: someone may have written the secret behind any key.
            let keys = entries.prefix(5).map { ConfigNode.excerpt($0.key) }.joined(separator: ", ")
            context.report(node, rule, found: entries.isEmpty ? "an empty mapping" : "the keys \(keys)")
            return nil
        }
        let inner = context.nested(joined(context.path, entry.key))
        let spelling = ConfigValue.object([.init(key: entry.key, value: .string(raw))])
        let secret = entry.key == "env" ? fromEnvironment(raw, entry.value, inner) : fromFile(raw, entry.value, inner)
        return secret.map { Decoded(value: Secret($0), spelling: spelling) }
    }

    private static func fromEnvironment(_ name: String, _ node: ConfigNode, _ context: ValueContext) -> String? {
        guard Interpolation.isVariableName(name) else {
            // Not echoed: it may be the secret itself.
            context.report(node, "must be the name of an environment variable", found: "something else")
            return nil
        }
        guard let value = context.session.environment[name], !value.isEmpty else {
            context.report(node, "the environment variable must be set and not empty")
            return nil
        }
        return value
    }

    private static func fromFile(_ raw: String, _ node: ConfigNode, _ context: ValueContext) -> String? {
        guard !raw.isEmpty, let (path, _) = context.interpolate(raw, of: node) else {
            if raw.isEmpty { context.report(node, "must be the path of a file") }
            return nil
        }
        let file = context.resolve(path)
        do throws(ConfigText.Fault) {
            let bytes = try ConfigText.bytes(of: file, limit: 65_536)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                context.report(node, "the file must be UTF-8 text")
                return nil
            }
            let secret = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
            guard !secret.isEmpty else {
                context.report(node, "the file must not be empty")
                return nil
            }
            guard !isWritableByOthers(file) else {
                context.report(node, "the file must not be writable by its group or by others; chmod go-w it")
                return nil
            }
            return secret
        } catch {
            context.report(node, error.rule)
            return nil
        }
    }

    private static func isWritableByOthers(_ file: String) -> Bool {
        var status = stat()
        guard stat(file, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFREG && status.st_mode & (S_IWGRP | S_IWOTH) != 0
    }
}
