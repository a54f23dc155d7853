package import CygniConfig
import CygniModel

/// How providers of DNS are spared.
package struct LookPaceSection: ConfigSection {
    /// Domains a second; 0: no limit.
    package var perProvider: Int
    package var breakAfter: Int
    package var probe: Duration

    package init(reading reader: inout ConfigReader) {
        perProvider = reader.value(
            "per_provider",
            .integer(0...100_000),
            default: 200,
            "Of one provider's domains, so many are looked at in a second. 0: no limit."
        )
        breakAfter = reader.value(
            "break_after",
            .integer(1...1000),
            default: 3,
            "After so many domains of a provider in a row that got no answer, the rest is not asked about."
        )
        probe = reader.value(
            "probe",
            .duration(.milliseconds(100) ... .minutes(10)),
            default: .seconds(5),
            "How often one of them is asked about all the same, to see whether the provider is back."
        )
    }
}
