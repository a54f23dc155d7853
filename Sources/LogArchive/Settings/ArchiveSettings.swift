package import CygniConfig
package import CygniModel

/// The keys of `jobs/log-archive.yaml` beside the common ones.
package struct ArchiveSettings: ConfigSection {
    /// By name, which is the table's unless it says otherwise.
    package var tables: [String: TableSettings]
    /// By the name that their archives are kept under.
    package var files: [String: FileSettings]
    package var encryption: EncryptionSettings?
    /// Before every key in the object store.
    package var prefix: String
    /// zstd's.
    package var compressionLevel: Int
    /// Of lines, before compression.
    package var frameSize: ByteCount
    /// Of lines, before compression; a busier day is divided by hours.
    package var objectSize: ByteCount
    /// Where objects are while they are made.
    package var spool: String
    /// Uploads that stray for longer are let go of.
    package var strayAfter: Duration
    /// What the server may use to sort a table's rows.
    package var sortMemory: ByteCount

    package init(reading reader: inout ConfigReader) {
        tables = reader.value(
            "tables",
            .map(of: .section("a table whose closed days are archived")),
            default: ["log_lines": .standard],
            """
            The tables whose closed days are archived, by name. The role of the jobs must be able to read them. A table \
            without partitions is taken a day at a time.
            """,
            example: "{log_lines: {close_after: 6h}}"
        )
        files = reader.value(
            "files",
            .map(of: .section("rotated log files that are archived")),
            default: [:],
            "The rotated log files of this host that are archived, by a name that their archives are kept under.",
            example: "{nginx: {paths: [/var/log/nginx/*.log.*], after: remove}}"
        )
        encryption = reader.optionalSection(
            "encryption",
            EncryptionSettings.self,
            "Seals archives, so that only the holders of private keys can open them; left out, they are not sealed."
        )
        prefix = reader.value("prefix", .text, default: "archives", "What every key in the object store begins with.")
        compressionLevel = reader.value(
            "compression_level",
            .integer(1...19),
            default: 1,
            "zstd's level. On log lines 1 is both quicker and no larger than 3."
        )
        frameSize = reader.value(
            "frame_size",
            .size(ByteCount(1 << 20)...ByteCount(4 << 20)),
            default: ByteCount(1 << 20),
            "How many bytes of lines make one frame, the least that can be fetched and opened by itself."
        )
        objectSize = reader.value(
            "object_size",
            .size(ByteCount(16 << 20)...ByteCount(64 << 30)),
            default: ByteCount(128 << 20),
            "About how many bytes of lines one object of a table holds; a busier day is divided by hours."
        )
        spool = reader.value(
            "spool",
            .path,
            default: "/var/tmp",
            "The folder that holds an object while it is made. What is in it goes with the process."
        )
        strayAfter = reader.value(
            "stray_after",
            .duration(.hours(1) ... .days(365)),
            default: .hours(24),
            "An upload that was begun so long ago and never completed is let go of."
        )
        sortMemory = reader.value(
            "sort_memory",
            .size(ByteCount(1 << 20)...ByteCount(16 << 30)),
            default: ByteCount(64 << 20),
            "The work_mem with which the server sorts a table's rows."
        )
    }

    /// What holds when the file is empty.
    package static var standard: ArchiveSettings { ConfigReader.standard(ArchiveSettings.self) }
}
