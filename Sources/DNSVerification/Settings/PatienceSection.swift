package import CygniConfig
import CygniModel

/// How patient the states are.
package struct PatienceSection: ConfigSection {
    package var patience: Patience

    package init(reading reader: inout ConfigReader) {
        let standard = Patience()
        let span = ValueKind.duration(.zero ... .days(3650))
        patience = standard
        patience.misses = reader.value(
            "misses",
            .integer(1...100),
            default: standard.misses,
            "So many looks in a row must find something gone before it counts."
        )
        patience.failing = reader.value(
            "failing",
            span,
            default: standard.failing,
            "How long a domain whose proof is gone is still served, before it goes into quarantine."
        )
        patience.quarantined = reader.value(
            "quarantined",
            span,
            default: standard.quarantined,
            "How long a domain is in quarantine before the claim ends."
        )
        patience.pending = reader.value(
            "pending",
            span,
            default: standard.pending,
            "How long a claim may wait for its first proof: its token's time."
        )
    }
}
