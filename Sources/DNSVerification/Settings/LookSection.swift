package import CygniConfig
import CygniModel

/// When a domain is looked at again.
package struct LookSection: ConfigSection {
    package var rhythm: Rhythm
    /// In one run.
    package var atMost: Int

    package init(reading reader: inout ConfigReader) {
        let standard = Rhythm()
        let span = ValueKind.duration(.seconds(1) ... .days(365))
        rhythm = standard
        rhythm.first = reader.value(
            "first",
            span,
            default: standard.first,
            "How often a new claim is looked at while somebody may sit in front of it."
        )
        rhythm.quick = reader.value("quick", span, default: standard.quick, "For how long after it was made.")
        rhythm.slowest = reader.value(
            "slowest",
            span,
            default: standard.slowest,
            "The longest between two looks at a claim that waits, or is in quarantine."
        )
        rhythm.again = reader.value(
            "again",
            span,
            default: standard.again,
            "How soon something that was found gone, or could not be told, is looked at again."
        )
        rhythm.verified = reader.value(
            "verified",
            span,
            default: standard.verified,
            "How often a domain is looked at with which all is well."
        )
        rhythm.survey = reader.value(
            "survey",
            span,
            default: standard.survey,
            "How often each name server of a healthy domain is asked by itself. Where something is wrong, it is done at once."
        )
        atMost = reader.value(
            "at_most",
            .integer(1...1_000_000),
            default: 50_000,
            "So many domains are looked at in one run, and kept in memory until it is clear that they may be written."
        )
        reader.check(["first", "slowest"], "must not be longer than slowest", rhythm.first <= rhythm.slowest)
    }
}
