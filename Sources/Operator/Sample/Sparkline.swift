import Glibc

/// A row of numbers as a row of small bars.
enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")
    private static let letters = Array("_.-=+*#@")

    /// Draws at most `width` bars, from the least to the greatest value; NaN is a gap.
    ///
    /// Where the greatest dwarfs the least, the steps are ratios: one outlier would make all others look the same.
    /// More numbers than columns are taken together, of each group the greatest.
    static func draw(_ values: [Double], width: Int, unicode: Bool) -> String {
        let shown = grouped(values, into: width)
        let known = shown.filter(\.isFinite)
        guard let least = known.min(), let greatest = known.max() else { return "" }
        let steps = unicode ? bars : letters
        let isWide = least > 0 && greatest > 4 * least
        let height = { (value: Double) in isWide ? log(value / least) : value - least }
        return String(
            shown.map { value -> Character in
                guard value.isFinite else { return " " }
                let share = greatest > least ? height(value) / height(greatest) : 0.5
                return steps[min(steps.count - 1, Int(share * Double(steps.count)))]
            }
        )
    }

    private static func grouped(_ values: [Double], into width: Int) -> [Double] {
        guard width > 0 else { return [] }
        guard values.count > width else { return values }
        return (0..<width).map { column in
            let group = values[column * values.count / width..<(column + 1) * values.count / width]
            return group.filter(\.isFinite).max() ?? .nan
        }
    }
}
