package import CygniConfig
import CygniModel

/// How long the rows of a table are kept.
package struct PolicySettings: ConfigSection {
    /// `schema.table`; nil is the table of that name in schema cygni.
    package var table: String?
    package var keep: Duration
    /// No class and no exception keeps less.
    package var floor: Duration
    /// By retention class, which is a plan.
    package var classes: [String: Duration]
    /// By the tenant's slug.
    package var tenants: [String: Duration]
    package var timeColumn: String
    package var tenantColumn: String?

    package init(reading reader: inout ConfigReader) {
        let span = ValueKind.duration(.zero ... .days(36_500))
        table = reader.optional(
            "table",
            .text,
            "The table, schema.table; left out, the table of that name in schema cygni.",
            example: "public.access_log"
        )
        keep = reader.required("keep", span, "How long a row is kept, from its time on.", example: "30d")
        floor = reader.value(
            "floor",
            span,
            default: .days(1),
            "What no class and no exception may undercut."
        )
        classes = reader.value(
            "classes",
            .map(of: span),
            default: [:],
            "How long the rows of a retention class (a plan) are kept; for log_lines, each gets partitions of its own.",
            example: "{free: 7d, enterprise: 400d}"
        )
        tenants = reader.value(
            "tenants",
            .map(of: span),
            default: [:],
            "How long the rows of a tenant, by its slug, are kept, whatever its class says.",
            example: "{acme: 400d}"
        )
        timeColumn = reader.value("time_column", .text, default: "ts", "The timestamptz that a row's age is told by.")
        tenantColumn = reader.optionalDefault(
            "tenant_column",
            .text,
            default: "tenant_id",
            "The column that says whose row it is; null: there is none."
        )
        reader.check(["keep", "floor"], "must not be less than floor", keep >= floor)
        reader.check(["classes", "floor"], "must each be at least floor", classes.values.allSatisfy { $0 >= floor })
        reader.check(["tenants", "floor"], "must each be at least floor", tenants.values.allSatisfy { $0 >= floor })
        reader.check(
            ["tenants", "tenant_column"],
            "must be left out where tenant_column is null",
            tenants.isEmpty || tenantColumn != nil
        )
    }
}
