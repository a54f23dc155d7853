import CygniAccess
import CygniModel

/// Filters and keyset pages in addresses.
extension PageCall {
    /// Where a page of this list begins: nil for the first.
    ///
    /// - Throws: ``Problem`` for what is no cursor of the same list and filter.
    func cursor(_ list: String, _ filter: [String?]) throws -> Cursor? {
        try query("after").map { try Cursor(reading: $0, server.secret, scope(list, filter)) }
    }

    /// The address of the next page; nil: this is the last.
    func next(_ list: String, _ filter: [(name: String, value: String?)], _ last: Cursor?) -> String? {
        guard let last else { return nil }
        let given = filter.compactMap { name, value in value.map { "\(name)=\($0.percentEncodedForQuery)&" } }.joined()
        return "\(list)?\(given)after=\(last.text(server.secret, scope(list, filter.map(\.value))))"
    }

    private func scope(_ list: String, _ filter: [String?]) -> [String] {
        ["page \(list)"] + filter.map { $0.map { "=\($0)" } ?? "" }
    }

    /// Choices for a filter's select element.
    static func options(_ values: [String], chosen: String?) -> [OptionView] {
        values.map { OptionView(optionValue: $0, optionLabel: $0.replacing("_", with: " "), isChosen: $0 == chosen) }
    }
}

struct OptionView: Sendable {
    let optionValue: String
    let optionLabel: String
    let isChosen: Bool
}

/// What a form has done, told once on the page that it leads to.
enum Notice: String {
    case paused, resumed, started, acknowledged
    case notPaused = "not-paused"
    case alreadyPaused = "already-paused"
    case signedOut = "signed-out"

    var words: String {
        switch self {
        case .paused: "Paused: no schedule starts it until it is resumed."
        case .alreadyPaused: "It was paused already; that pause stands."
        case .resumed: "Resumed: its schedule starts it again from the next slot."
        case .notPaused: "It was not paused."
        case .started: "Started. What it logs appears below."
        case .acknowledged: "Acknowledged: its job no longer stands as failing."
        case .signedOut: "You are signed out."
        }
    }
}

extension PageCall {
    var notice: String? { query("done").flatMap(Notice.init(rawValue:))?.words }
}
