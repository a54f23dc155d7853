import Mustache

/// Escapes for element content and quoted attributes, scalar by scalar, as a browser reads them (HTML, 13.2.5).
///
/// swift-mustache's own goes by characters as people see them: a quote that a combining mark follows is another character to it
/// and stays as it is, and to a browser it ends the attribute.
struct MarkupEscaping: MustacheContentType {
    static let name = "MARKUP"

    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;".unicodeScalars
            case ">": escaped += "&gt;".unicodeScalars
            case "&": escaped += "&amp;".unicodeScalars
            case "\"": escaped += "&quot;".unicodeScalars
            case "'": escaped += "&#39;".unicodeScalars
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
