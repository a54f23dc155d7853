package import CygniConfig
import CygniModel

/// The operator's page.
package struct PageSettings: ConfigSection {
    package let idle: Duration
    package let lifetime: Duration

    package init(reading reader: inout ConfigReader) {
        idle = reader.value(
            "idle",
            .duration(.seconds(1) ... .days(30)),
            default: .hours(1),
            "After it without anything done somebody must sign in anew; a page that is merely open does not count."
        )
        lifetime = reader.value(
            "lifetime",
            .duration(.seconds(1) ... .days(90)),
            default: .hours(12),
            "After it somebody must sign in anew in any case."
        )
    }
}
