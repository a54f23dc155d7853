package import CygniModel
import FoundationEssentials

/// When a CA would like a certificate to be renewed (RFC 9773, section 4.2).
package struct RenewalInfo: Hashable, Sendable {
    package let start: Timestamp
    package let end: Timestamp
    package let explanation: String?
    /// As the CA said; nil when it said nothing.
    package let retryAfter: Duration?

    package init(start: Timestamp, end: Timestamp, explanation: String? = nil, retryAfter: Duration? = nil) {
        (self.start, self.end, self.explanation, self.retryAfter) = (start, end, explanation, retryAfter)
    }

    private struct Document: Decodable {
        struct Window: Decodable {
            var start: String
            var end: String
        }
        var suggestedWindow: Window
        var explanationURL: String?
    }

    /// - Throws: ``ACMEError/malformed(_:)``, also for a window that ends before it starts, which counts as no answer.
    init(_ bytes: [UInt8], retryAfter: Duration?) throws(ACMEError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)),
            let start = Timestamp(parsing: document.suggestedWindow.start),
            let end = Timestamp(parsing: document.suggestedWindow.end)
        else { throw .malformed("renewalInfo: \(ACMEClient.excerpt(bytes))") }
        guard end > start else {
            throw .malformed("renewalInfo: the window ends at \(end), not after its start \(start)")
        }
        self.init(start: start, end: end, explanation: document.explanationURL, retryAfter: retryAfter)
    }
}
