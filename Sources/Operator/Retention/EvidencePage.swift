import CygniModel

/// The bundle as a page for a person: one HTML file that needs nothing else.
struct EvidencePage {
    let bundle: EvidenceBundle
    /// SHA-256 of the bundle's file, in hex.
    let digest: String

    var html: String {
        let (from, to) = (bundle.span.lowerBound.rfc3339, bundle.span.upperBound.rfc3339)
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Evidence of retention, \(from) to \(to)</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1a1a1a; }
            table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
            th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
            th { color: #555; font-weight: 600; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
            code { font-size: .85em; overflow-wrap: anywhere; } p.bad { color: #a00; font-weight: 600; }
            </style></head><body>
            <h1>What was purged, held and put back</h1>
            <p>From \(from) to before \(to). Made \(bundle.madeAt.rfc3339) by \(Self.escaped(bundle.madeBy)).<br>
            SHA-256 of evidence.json: <code>\(digest)</code>. To check it: <code>python3 verify-evidence.py evidence.json</code></p>
            \(unlinked)<h2>In short</h2>
            \(table(["Table", "How", "Receipts", "Rows", "Bytes"], bundle.sums.map { sum in
                [sum.source, sum.weapon, sum.receipts.grouped, sum.rows.grouped, sum.bytes.grouped]
            }, numbers: [2, 3, 4]))
            <h2>Holds</h2>
            \(table(["Id", "Scope", "Set", "By", "Ends", "Reason"], bundle.holds.map(\.cells)))
            <h2>Receipts</h2>
            \(table(["Entry", "Time", "What", "How", "Rows", "Policy", "Digest of what went", "By"], receipts, numbers: [4]))
            <h2>Everything else</h2>
            \(table(["Entry", "Time", "Action", "What", "By"], others))
            </body></html>

            """
    }

    private var receipts: [[String]] {
        bundle.receipts.map { entry, receipt in
            let policy = [
                receipt.policy.name, receipt.policy.keep, receipt.policy.version.map { String($0.prefix(12)) },
            ]
            return [
                "\(entry.sequence)", entry.told?.at.rfc3339 ?? "", "\(receipt.source) \(receipt.item)", receipt.weapon,
                receipt.rows.grouped, policy.compactMap { $0 }.joined(separator: " "), receipt.digest ?? "",
                receipt.actor,
            ]
        }
    }

    private var others: [[String]] {
        bundle.entries.compactMap { entry in
            guard let told = entry.told, told.action != "retention.purged" else { return nil }
            return ["\(entry.sequence)", told.at.rfc3339, told.action, told.subject, told.actor]
        }
    }

    private var unlinked: String {
        guard !bundle.unlinked.isEmpty else { return "" }
        return
            "<p class=\"bad\">Receipts that the audit log does not tell: \(Self.escaped(bundle.unlinked.joined(separator: ", ")))</p>\n"
    }

    private func table(_ headings: [String], _ rows: [[String]], numbers: Set<Int> = []) -> String {
        guard !rows.isEmpty else { return "<p>None.</p>" }
        let head = headings.map { "<th>\($0)</th>" }.joined()
        let body = rows.map { row in
            let cells = row.enumerated().map { index, cell in
                "<td\(numbers.contains(index) ? " class=\"n\"" : "")>\(Self.escaped(cell))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return "<table><thead><tr>\(head)</tr></thead><tbody>\n\(body.joined(separator: "\n"))\n</tbody></table>"
    }

    /// Text as HTML shows it (HTML, 13.3).
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
