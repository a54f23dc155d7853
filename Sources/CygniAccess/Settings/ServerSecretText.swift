import CygniModel

/// Whether a text is what the server's secret must be; an empty one stands for a setting that is missing anyway.
enum ServerSecretText {
    static func isGood(_ text: Secret) -> Bool { text.reveal().isEmpty || ServerSecret(text) != nil }
}
