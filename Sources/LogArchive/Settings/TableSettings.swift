package import CygniConfig
import CygniModel

/// A table whose closed days are archived.
package struct TableSettings: ConfigSection {
    /// `schema.table`; nil is the table of that name in schema cygni.
    package var table: String?
    /// Empty: all.
    package var columns: [String]
    package var timeColumn: String
    package var tenantColumn: String?
    /// How long after its end a day is closed.
    package var closeAfter: Duration

    package init(reading reader: inout ConfigReader) {
        table = reader.optional(
            "table",
            .text,
            "The table, schema.table; left out, the table of that name in schema cygni.",
            example: "public.access_log"
        )
        columns = reader.value(
            "columns",
            .list(of: .text),
            default: [],
            "The columns that are archived, in this order; none named: all."
        )
        timeColumn = reader.value(
            "time_column",
            .text,
            default: "ts",
            "The timestamptz that says which day a row is of."
        )
        tenantColumn = reader.optionalDefault(
            "tenant_column",
            .text,
            default: "tenant_id",
            "The column that says whose row it is; rows are ordered by it, then by time. null: there is none."
        )
        closeAfter = reader.value(
            "close_after",
            .duration(.zero ... .days(365)),
            default: .hours(1),
            "How long after its end a day is archived. Rows that come later still become a supplement."
        )
    }

    package static var standard: TableSettings { ConfigReader.standard(TableSettings.self) }
}
