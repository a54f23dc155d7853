import CygniAccess
import CygniModel
import Foundation
import HTTPTypes
import Hummingbird
import JobBook
import Testing

@testable import PlatformAPI

/// The parts of the operator's page, each by itself.
@Suite struct PageTests {
    private let hostile = "</td><script>alert(1)</script>\" onload='x' {{formCode}} &amp; \u{202E}"

    private func request(_ headers: HTTPFields, host: String? = "ops.example.test") -> Request {
        Request(
            head: HTTPRequest(
                method: .post,
                scheme: nil,
                authority: host,
                path: "/jobs/x/pause",
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer())
        )
    }

    private func secret() throws -> ServerSecret {
        try #require(ServerSecret(Secret(Data(repeating: 7, count: 32).base64EncodedString())))
    }

    /// Texts of the database are text on the page, whatever is in them.
    @Test func whatIsHostileIsEscaped() throws {
        let trouble = OverviewPage.Trouble(
            state: StateView(hostile, .bad),
            troubleTitle: hostile,
            troubleHref: "/jobs/\(hostile)",
            troubleWords: hostile,
            since: nil
        )
        let content = OverviewPage.Content(
            headline: hostile,
            isCalm: false,
            troubles: [trouble],
            jobs: [],
            figures: [.init(figure: hostile, figureLabel: hostile, figureHref: hostile, figureTone: hostile)],
            recentRuns: []
        )
        let now = Timestamp(seconds: 1_000_000)
        let view = PageView(template: "overview", title: hostile, content: content)
        let frame = PageFrame(view, path: "/", session: nil, code: "code", now: TimeView(now, now: now))
        let text = PageTemplates.text(frame, "overview")
        #expect(text.contains("&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;"))
        #expect(!text.contains("<script>") && !text.contains("onload='x'"))
        // A text that looks like a tag of the template is none.
        #expect(text.contains("{{formCode}}"))
    }

    /// A mark that combines with it makes a quote another character to a reader, and leaves it a quote to a browser: it would
    /// end the attribute that it stands in.
    @Test(arguments: [
        "\"\u{301} autofocus onfocus=\"x", "'\u{20DD} onfocus='x", "<\u{338}img src=x>", "x>\u{301}", "\"\u{200D}",
        "\"\u{FE0F}",
    ])
    func nothingHidesBehindACombiningMark(text: String) {
        #expect(markup(showing: text) == markup(showing: "x"), "\(text) adds markup")
    }

    /// How many of each scalar that means something to a browser is on a page that shows a text.
    private func markup(showing text: String) -> [Unicode.Scalar: Int] {
        let view = PageView(template: "sign_in", title: text, content: ["nextPath": text, "refusal": text])
        let now = Timestamp(seconds: 1_000_000)
        let frame = PageFrame(view, path: "/", session: nil, code: "code", now: TimeView(now, now: now))
        let scalars = PageTemplates.text(frame, "sign_in").unicodeScalars
        return scalars.filter { "<>\"'".unicodeScalars.contains($0) }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test func aFormsCodeIsOfItsHolder() throws {
        let guardian = FormGuard(secret: try secret(), publicURL: "https://ops.example.test")
        let code = guardian.code(for: "session a")
        #expect(guardian.isCode(code, for: "session a"))
        #expect(!guardian.isCode(code, for: "session b") && !guardian.isCode("", for: "session a"))
        #expect(
            code != guardian.code(for: "session a"),
            "one that were always the same could be guessed from its compression"
        )
        for place in [0, 20, 40, 63] {
            var bytes = Array(code.utf8)
            bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(!guardian.isCode(String(decoding: bytes, as: UTF8.self), for: "session a"))
        }
        let other = FormGuard(
            secret: try #require(ServerSecret(Secret(Data(repeating: 8, count: 32).base64EncodedString()))),
            publicURL: "https://ops.example.test"
        )
        #expect(!other.isCode(code, for: "session a"))
    }

    @Test(arguments: [
        ([("Sec-Fetch-Site", "same-origin"), ("Origin", "https://ops.example.test")], true),
        ([("Origin", "https://ops.example.test")], true), ([("Sec-Fetch-Site", "same-origin")], true),
        ([("Sec-Fetch-Site", "cross-site")], false), ([("Sec-Fetch-Site", "same-site")], false),
        ([("Sec-Fetch-Site", "none")], false), ([("Origin", "null")], false), ([("Origin", "")], false),
        ([("Origin", "https://evil.test")], false), ([("Origin", "https://ops.example.test.evil.test")], false),
        ([("Origin", "https://ops.example.test@evil.test")], false),
        ([("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.test")], false), ([], false),
    ])
    func formsComeFromHere(headers: [(String, String)], isOurs: Bool) throws {
        var fields: HTTPFields = [:]
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let guardian = FormGuard(secret: try secret(), publicURL: "https://ops.example.test")
        #expect(guardian.isOurs(request(fields)) == isOurs)
    }

    @Test func cookiesAreBoundToTheHost() throws {
        let secure = PageCookies(publicURL: "https://ops.example.test")
        #expect(
            secure.set(secure.session, "v", seconds: 60, sameSite: "Lax")
                == "__Host-cygni=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        )
        let plain = PageCookies(publicURL: "http://127.0.0.1:8080")
        #expect(
            plain.set(plain.session, "v", seconds: 60, sameSite: "Lax")
                == "cygni=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
        )
        let session = RandomCredential(.session)
        let text = session.text.reveal()
        #expect(secure.session(request([.cookie: "a=b; __Host-cygni=\(text); c=d"]))?.hash == session.hash)
        // One without the prefix could have been set by a neighbour.
        #expect(secure.session(request([.cookie: "cygni=\(text)"])) == nil)
        #expect(secure.session(request([.cookie: "__Host-cygni=\(text); __Host-cygni=\(text)"])) == nil)
        #expect(secure.session(request([.cookie: "__Host-cygni=cys_short"])) == nil)
    }

    @Test(arguments: [
        ("/jobs/log-archive?done=x", "/jobs/log-archive?done=x"), ("//evil.test", "/"), ("/\\evil.test", "/"),
        ("https://evil.test", "/"), ("/sign-out", "/"), ("/sign-in", "/"), ("", "/"), ("/a\r\nSet-Cookie: x", "/"),
        ("javascript:alert(1)", "/"), ("/runs?job=a&after=b-c_d", "/runs?job=a&after=b-c_d"),
    ])
    func nobodyIsLedAway(given: String, path: String) { #expect(SignInPages.safe(given) == path) }

    @Test(arguments: [
        (Int64(0), "now"), (1, "1 s ago"), (89, "89 s ago"), (90, "1 min ago"), (5399, "89 min ago"), (5400, "1 h ago"),
        (129_600, "1 d ago"), (-30, "in 30 s"), (-864_000, "in 10 d"),
    ])
    func timesAreTold(seconds: Int64, words: String) {
        let now = Timestamp(seconds: 1_795_651_200)
        let view = TimeView(Timestamp(seconds: 1_795_651_200 - seconds), now: now)
        #expect(view.ago == words)
        #expect(TimeView(now, now: now).utc == "2026-11-26 00:00:00")
    }

    @Test func whatFailsComesFirst() {
        let counts = OverviewPage.Counts(["domains_quarantined": 2, "certificates_failing": 1, "plans_waiting": 1])
        let troubles = OverviewPage.troubles([], counts, Timestamp(seconds: 0))
        #expect(troubles.map(\.state.tone) == ["bad", "warn", "warn"])
        #expect(troubles.map(\.troubleTitle) == ["1 certificate", "2 domains", "1 purge plan"])
        #expect(
            OverviewPage.title(failing: 2, waiting: 1) == "2 failing"
                && OverviewPage.title(failing: 0, waiting: 0) == "All is well"
        )
    }

    @Test func aLogLineIsShownWhateverItIs() {
        let line = LogLineView(
            #"{"time":"2026-11-26T20:00:01.250Z","level":"info","message":"done","metadata":{"rows":12000,"a":"b"}}"#
        )
        #expect(line.clock == "20:00:01.250" && line.level == "info" && line.details == "a=b rows=12,000")
        for odd in ["not json", "[1]", "{\"message\": 7", "null"] {
            #expect(LogLineView(odd).message == odd && LogLineView(odd).details == nil)
        }
    }
}
