import Foundation
import Testing

@testable import PlatformAPI

/// What the style sheet, the script and the templates must keep to.
@Suite struct PageAppearanceTests {
    private static let css = String(decoding: PackageResources.page_css, as: UTF8.self)

    /// The variables of a scheme, the light ones below the dark.
    private func colours(dark: Bool) throws -> [String: [Double]] {
        let parts = Self.css.components(separatedBy: "@media (prefers-color-scheme: dark)")
        try #require(parts.count == 2)
        let dark = dark ? [parts[0], String(parts[1].prefix { $0 != "}" })] : [parts[0]]
        var found: [String: [Double]] = [:]
        for part in dark {
            for match in part.matches(of: /--([a-z-]+): #([0-9a-f]{6});/) {
                let number = try #require(Int(match.output.2, radix: 16))
                found[String(match.output.1)] = [16, 8, 0].map { Double(number >> $0 & 255) / 255 }
            }
        }
        return found
    }

    /// WCAG 2.2, relative luminance and contrast ratio.
    private func ratio(_ one: [Double], _ other: [Double]) -> Double {
        func luminance(_ colour: [Double]) -> Double {
            let linear = colour.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        }
        let sorted = [luminance(one), luminance(other)].sorted()
        return (sorted[1] + 0.05) / (sorted[0] + 0.05)
    }

    @Test(arguments: [false, true])
    func textStandsOut(dark: Bool) throws {
        let colours = try colours(dark: dark)
        let grounds = ["page", "panel"]
        var pairs = ["ink", "muted", "link", "bad", "warn"].flatMap { text in grounds.map { (text, $0) } }
        pairs += ["bad", "warn", "good", "busy", "quiet"].map { ($0, "\($0)-soft") }
        pairs += [("ink", "busy-soft"), ("ink", "quiet-soft"), ("muted", "quiet-soft"), ("on-strong", "strong")]
        for (text, ground) in pairs {
            let contrast = ratio(try #require(colours[text]), try #require(colours[ground]))
            #expect(contrast >= 4.5, "\(text) on \(ground), dark \(dark): \(contrast)")
        }
    }

    /// The edges of fields, the ring of the focus and the bars of pictures need 3:1 (WCAG 2.2, 1.4.11).
    @Test(arguments: [false, true])
    func shapesStandOut(dark: Bool) throws {
        let colours = try colours(dark: dark)
        for shape in ["edge", "focus", "strong", "good", "bad", "warn", "busy", "quiet"] {
            for ground in ["page", "panel"] {
                let contrast = ratio(try #require(colours[shape]), try #require(colours[ground]))
                #expect(contrast >= 3, "\(shape) on \(ground), dark \(dark): \(contrast)")
            }
        }
    }

    @Test func theRuleOfContrastFindsWhatIsTooPale() {
        #expect(abs(ratio([0, 0, 0], [1, 1, 1]) - 21) < 0.001)
        #expect(ratio([0.5, 0.5, 0.5], [1, 1, 1]) < 4.5)
    }

    /// A colour outside the variables would escape the test above.
    @Test func everyColourIsAVariable() throws {
        let rules = Self.css.replacing(/--[a-z-]+: #[0-9a-f]{6};/, with: "")
        #expect(rules.firstMatch(of: /#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(/) == nil)
        #expect(Self.css.contains("prefers-reduced-motion"))
    }

    /// Nothing asks the library not to escape, and nothing is inline that the policy forbids.
    @Test func templatesKeepToTheRules() {
        for (name, bytes) in PageTemplates.sources {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("{{{") && !text.contains("{{&") && !text.contains("{{%"), "\(name)")
            #expect(text.firstMatch(of: /\sstyle=|\son[a-z]+=|<style|javascript:/) == nil, "\(name)")
            #expect(text.firstMatch(of: /<script(?! src=)/) == nil, "\(name)")
            for form in text.components(separatedBy: "<form method=\"post\"").dropFirst() {
                #expect(
                    form.components(separatedBy: "</form>")[0].contains("name=\"form\" value=\"{{formCode}}\""),
                    "\(name)"
                )
            }
            // Within an attribute a value stands between quotes, or it could end it.
            #expect(text.firstMatch(of: /=\{\{/) == nil, "\(name)")
        }
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/PlatformAPI/Pages/Templates").standardized
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        #expect(Set(files) == Set(PageTemplates.sources.map { "\($0.name).mustache" }))
    }

    @Test func theScriptMakesNoHTML() {
        let script = String(decoding: PackageResources.page_js, as: UTF8.self)
        #expect(script.firstMatch(of: /innerHTML\s*=[^=]|outerHTML|insertAdjacentHTML|document\.write|eval\(/) == nil)
    }
}
