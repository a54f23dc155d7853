import Yams

/// Parses YAML into ``ConfigNode`` and reports each fault of its form.
///
/// Aliases and merge keys are followed; what they grow to is bounded, so that no file can eat the machine.
struct YamlComposer {
    static let maximumDepth = 32
    static let maximumNodes = 50_000

    private let report: (Place, String, String, String) -> Void
    private var duplicates: DuplicateKeys
    private var nodes = 0
    private var isExhausted = false

    /// Reads one document; an empty one is an empty mapping. Returns nil when the text cannot be read further.
    ///
    /// - Parameter report: receives place, path, rule and what was found.
    static func compose(_ text: String, report: @escaping (Place, String, String, String) -> Void) -> ConfigNode? {
        if let place = AliasedKeys.firstSuspect(in: text) {
            report(place, ConfigProblem.wholeFile, "keys must be plain words, without aliases", "an alias in a key")
            return nil
        }
        var duplicates = DuplicateKeys(text)
        while true {
            do {
                let root = try Parser(yaml: duplicates.text, resolver: .basic, encoding: .utf8).singleRoot()
                var composer = YamlComposer(report: report, duplicates: duplicates)
                return composer.document(root)
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let place = Place(context.mark)
                guard let name = names.first else { return nil }
                if duplicates.mask(name, at: place) { continue }
                report(
                    place,
                    name,
                    "must be written once; the rest of the file was not checked",
                    ConfigNode.excerpt(name)
                )
                return nil
            } catch {
                let (place, rule) = Self.syntaxRule(error)
                report(place, ConfigProblem.wholeFile, rule, "a syntax error")
                return nil
            }
        }
    }

    private init(report: @escaping (Place, String, String, String) -> Void, duplicates: DuplicateKeys) {
        self.report = report
        self.duplicates = duplicates
    }

    private static func syntaxRule(_ error: any Error) -> (Place, String) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let detail = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
            return (Place(mark), "must be valid YAML: \(detail)")
        case YamlError.reader(let problem, _, _, _):
            return (.start, "must be valid YAML: \(problem)")
        default:
            return (.start, "must be valid YAML")
        }
    }

    private mutating func document(_ root: Node?) -> ConfigNode? {
        let empty = ConfigNode(place: .start, content: .mapping([]))
        guard let root else { return empty }
        let node = node(root, path: "", depth: 0)
        if isExhausted { return nil }
        switch node.content {
        case .mapping: return node
        case .scalar where node.isEmpty || node.isNull: return empty
        default:
            report(node.place, ConfigProblem.wholeFile, "must be a mapping of keys to values", node.found)
            return nil
        }
    }

    private mutating func node(_ node: Node, path: String, depth: Int) -> ConfigNode {
        let place = Place(node.mark)
        let nothing = ConfigNode(place: place, content: .scalar("", isPlain: true))
        guard !isExhausted else { return nothing }
        nodes += 1
        guard nodes <= Self.maximumNodes, depth <= Self.maximumDepth else {
            isExhausted = true
            let rule =
                depth > Self.maximumDepth
                ? "must be nested at most \(Self.maximumDepth) deep"
                : "must hold at most \(Self.maximumNodes) values, aliases followed"
            report(place, path.isEmpty ? ConfigProblem.wholeFile : path, rule, "more")
            return nothing
        }
        checkTag(of: node, place: place, path: path)
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain && scalar.tag.rawValue != Tag.Name.str.rawValue
            return ConfigNode(place: place, content: .scalar(scalar.string, isPlain: isPlain))
        case .sequence(let sequence):
            let items = sequence.enumerated().map { index, item in
                self.node(item, path: "\(path)[\(index)]", depth: depth + 1)
            }
            return ConfigNode(place: place, content: .sequence(items))
        case .mapping(let mapping):
            return ConfigNode(place: place, content: .mapping(entries(of: mapping, path: path, depth: depth)))
        case .alias:
            return nothing
        }
    }

    private func checkTag(of node: Node, place: Place, path: String) {
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag.rawValue
            case .sequence(let sequence): sequence.tag.rawValue
            case .mapping(let mapping): mapping.tag.rawValue
            case .alias: ""
            }
        let known: [Tag.Name] = [.implicit, .nonSpecific, .str, .seq, .map]
        guard !known.contains(where: { $0.rawValue == tag }) else { return }
        report(place, path, "must not carry a YAML tag", ConfigNode.excerpt(tag))
    }

    private mutating func entries(of mapping: Node.Mapping, path: String, depth: Int) -> [ConfigNode.Entry] {
        var entries: [ConfigNode.Entry] = []
        var merged: [ConfigNode.Entry] = []
        var firstLine: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let place = Place(keyNode.mark)
            guard case .scalar(let scalar) = keyNode else {
                report(
                    place,
                    path.isEmpty ? ConfigProblem.wholeFile : path,
                    "a key must be a plain word",
                    "a collection"
                )
                continue
            }
            let key = duplicates.original(at: place) ?? scalar.string
            let keyPath = joined(path, key)
            let value = node(valueNode, path: keyPath, depth: depth + 1)
            if let line = firstLine[key] {
                report(
                    place,
                    keyPath,
                    "must be written once, it stands in line \(line) already",
                    ConfigNode.excerpt(key)
                )
            } else if key == "<<", scalar.style == .plain {
                firstLine[key] = place.line
                merged += mergedEntries(value, path: keyPath)
            } else {
                firstLine[key] = place.line
                entries.append(ConfigNode.Entry(key: key, keyPlace: place, value: value))
            }
        }
        // A key of the mapping itself, or of an earlier merge, wins over a merged one.
        for entry in merged where !entries.contains(where: { $0.key == entry.key }) { entries.append(entry) }
        return entries
    }

    private func mergedEntries(_ value: ConfigNode, path: String) -> [ConfigNode.Entry] {
        switch value.content {
        case .mapping(let entries):
            return entries
        case .sequence(let items):
            return items.flatMap { mergedEntries($0, path: path) }
        case .scalar:
            if !isExhausted { report(value.place, path, "must be a mapping, or a list of them, to merge", value.found) }
            return []
        }
    }
}

/// The dotted path of a key; the root's own is empty.
func joined(_ path: String, _ key: String) -> String {
    let visible = ConfigNode.excerpt(key)
    return path.isEmpty ? visible : "\(path).\(visible)"
}

extension Place {
    init(_ mark: Mark?) {
        self.init(line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1))
    }
}
