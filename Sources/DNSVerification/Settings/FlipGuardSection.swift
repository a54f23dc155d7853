package import CygniConfig

/// Stops a run that would take too many domains out of service at once.
package struct FlipGuardSection: ConfigSection {
    package var flipGuard: FlipGuard

    package init(reading reader: inout ConfigReader) {
        flipGuard = FlipGuard()
        flipGuard.percent = reader.value(
            "percent",
            .integer(0...100),
            default: flipGuard.percent,
            "Of the domains in service that a run looked at, so many per cent may leave it. 100: all."
        )
        flipGuard.atLeast = reader.value(
            "at_least",
            .integer(1...1_000_000),
            default: flipGuard.atLeast,
            "Fewer never stop a run."
        )
        flipGuard.providerPercent = reader.value(
            "provider_percent",
            .integer(0...100),
            default: flipGuard.providerPercent,
            "Nor may so many per cent of them be one DNS provider's, when that hits most of its domains. 100: they may."
        )
    }
}
