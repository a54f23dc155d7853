package import CygniConfig
import CygniModel

/// When a run stops and asks for an approval.
package struct BrakeSettings: ConfigSection {
    package var percent: Int
    package var timesMedian: Int
    package var rowsAtLeast: Int

    package init(reading reader: inout ConfigReader) {
        percent = reader.value(
            "percent",
            .integer(1...100),
            default: 40,
            "A run that would take more than this share of a table's rows, or of a tenant's, stops and asks. 100: never."
        )
        timesMedian = reader.value(
            "times_median",
            .integer(2...1_000_000),
            default: 10,
            "The same for one that would take this many times the median of the last ten runs that took something."
        )
        rowsAtLeast = reader.value(
            "rows_at_least",
            .integer(0...1_000_000_000),
            default: 1000,
            "Fewer rows of a table never stop a run."
        )
    }
}
