import CygniAccess

/// What surrounds every page. A name that a template asks for is looked for from the innermost value outwards, so the names
/// here are used nowhere else.
struct PageFrame {
    struct Entry {
        let href: String
        let label: String
        let isCurrent: Bool
    }

    let documentTitle: String
    let styleHref: String
    let scriptHref: String
    let iconHref: String
    /// Empty when nobody is signed in.
    let navigation: [Entry]
    /// Who is signed in; nil: nobody.
    let visitor: String?
    /// The code of the page's forms.
    let formCode: String
    let renderedAt: TimeView
    /// What the page itself shows.
    let page: any Sendable

    private static let places = [
        ("/", "Overview"), ("/jobs", "Jobs"), ("/runs", "Runs"), ("/domains", "Domains"),
        ("/certificates", "Certificates"), ("/storage", "Storage"), ("/previews", "Previews"), ("/audit", "Audit"),
    ]

    /// - Parameters:
    ///   - path: where the page is.
    ///   - code: of the page's forms.
    init(_ view: PageView, path: String, session: SessionBook.PageSession?, code: String, now: TimeView) {
        documentTitle = "\(view.title) · Cygni"
        styleHref = PageAssets.href("page.css")
        scriptHref = PageAssets.href("page.js")
        iconHref = PageAssets.href("favicon.svg")
        let isIn = session != nil
        navigation =
            !isIn
            ? []
            : Self.places.map { href, label in
                let isCurrent = href == "/" ? path == "/" : path == href || path.hasPrefix(href + "/")
                return Entry(href: href, label: label, isCurrent: isCurrent)
            }
        visitor = session.map {
            $0.principal.subject.hasPrefix("user:") ? String($0.principal.subject.dropFirst(5)) : $0.principal.subject
        }
        formCode = code
        renderedAt = now
        page = view.content
    }
}
