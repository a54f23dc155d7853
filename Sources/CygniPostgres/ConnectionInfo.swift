import CPostgres

/// libpq's lists of connection options, as dictionaries of those that have a value.
enum ConnectionInfo {
    /// What the environment and libpq itself would fill in.
    static func defaults() -> [String: String] {
        guard let defaults = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(defaults) }
        return values(defaults)
    }

    /// What an open connection was made with.
    static func of(_ connection: OpaquePointer) -> [String: String] {
        guard let options = PQconninfo(connection) else { return [:] }
        defer { PQconninfoFree(options) }
        return values(options)
    }

    /// The environment variable of each keyword that has one.
    static func variables() -> [String: String] {
        guard let defaults = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(defaults) }
        var found: [String: String] = [:]
        var option = defaults
        while let keyword = option.pointee.keyword {
            if let name = option.pointee.envvar { found[String(cString: keyword)] = String(cString: name) }
            option += 1
        }
        return found
    }

    static func values(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { found[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return found
    }
}
