package import CygniBrake
package import CygniConfig
import CygniModel

/// The keys of `jobs/reclaim.yaml` beside the common ones.
package struct ReclaimSettings: ConfigSection {
    package var rollback: Int
    package var age: Duration
    package var buildCache: Duration?
    package var brake: BrakeSection

    package init(reading reader: inout ConfigReader) {
        rollback = reader.value(
            "rollback",
            .integer(1...1000),
            default: 5,
            "The images of so many of a project's newest production deployments stay, to roll back to."
        )
        age = reader.value(
            "age",
            .duration(.zero ... .days(3650)),
            default: .hours(24),
            "What is younger stays."
        )
        buildCache = reader.optional(
            "build_cache",
            .duration(.hours(1) ... .days(3650)),
            """
            Build cache that was not used for so long goes. Left out: it stays. It has no labels, so set this only where the \
            engine builds for nobody else.
            """,
            example: "7d"
        )
        brake = reader.section("brake", BrakeSection.self, "When a run stops and asks for --approve HASH.")
    }

    package static var standard: ReclaimSettings { ConfigReader.standard(ReclaimSettings.self) }
}
