/// Why a sealed value does not open. Never holds a part of it.
package enum SealError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No key-encryption key is configured.
    case noKey
    /// The key-encryption key that it was sealed with is not among the configured ones.
    case unknownKey(String, SealPlace)
    /// It was changed, stood somewhere else, or was sealed with another key of the same name.
    case notAuthentic(String, SealPlace)
    /// It is not a sealed value of ours.
    case malformed(SealPlace)
    /// A configured key is not 32 bytes in base64.
    case badKey(String)

    package var description: String {
        switch self {
        case .noKey:
            "no key-encryption key is configured: make one with 'openssl rand -base64 32', keep it in a file, and name it in cygni.yaml under encryption.keys and encryption.current"
        case .unknownKey(let key, let place):
            "failed to open \(place): it was sealed with key '\(key)', which encryption.keys of cygni.yaml does not have"
        case .notAuthentic(let key, let place):
            "failed to open \(place): it was changed, or belongs to another row, or the configured key '\(key)' is not the one it was sealed with"
        case .malformed(let place): "failed to open \(place): it is not a sealed value"
        case .badKey(let key):
            "encryption.keys.\(key) must be 32 bytes in base64, as 'openssl rand -base64 32' prints them"
        }
    }
}
