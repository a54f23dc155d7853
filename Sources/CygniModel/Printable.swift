extension String {
    /// For a person: without what could move a cursor or split a line, and not longer than a line.
    package var printable: String {
        let scalars = unicodeScalars.prefix(80).map { $0.mustBeEscaped ? Unicode.Scalar(UInt8(ascii: ".")) : $0 }
        var view = String.UnicodeScalarView()
        scalars.forEach { view.append($0) }
        return String(view) + (unicodeScalars.count > 80 ? "…" : "")
    }
}
