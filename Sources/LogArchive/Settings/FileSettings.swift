package import CygniConfig
import CygniModel

/// Rotated log files that are archived.
package struct FileSettings: ConfigSection {
    /// What a file's lines are.
    package enum Format: String, CaseIterable, Sendable {
        /// Lines that are JSON objects stay as they are, others are wrapped.
        case auto
        case json
        /// Every line is wrapped.
        case text
    }

    /// What happens to a file whose copy is proven.
    package enum After: String, CaseIterable, Sendable {
        case keep, remove, move, truncate
    }

    package var paths: [String]
    package var format: Format
    /// How long a file must not have changed.
    package var settle: Duration
    package var after: After
    package var moveTo: String?

    package init(reading reader: inout ConfigReader) {
        paths = reader.required(
            "paths",
            .list(of: .path, count: 1...100),
            """
            Patterns of the files, with *, ? and [...] within a name. Name the rotated ones, not the one that is still \
            written to. Plain, .gz and .zst files are taken.
            """,
            example: "[/var/log/nginx/*.log.*]"
        )
        format = reader.value(
            "format",
            .oneOf(Format.self),
            default: .auto,
            "json: each line must be a JSON object; text: each line becomes {\"line\":...}; auto: as each line is."
        )
        settle = reader.value(
            "settle",
            .duration(.zero ... .days(30)),
            default: .minutes(10),
            "How long a file must not have changed before it is taken."
        )
        after = reader.value(
            "after",
            .oneOf(After.self),
            default: .keep,
            "What happens to a file once its copy is proven, and only if it is still the file that was read."
        )
        moveTo = reader.optional(
            "move_to",
            .path,
            "The folder for after: move, in the same file system.",
            example: "/var/log/archived"
        )
        reader.check(
            ["move_to", "after"],
            "must be given for after: move, and only for that",
            (after == .move) == (moveTo != nil)
        )
    }
}
