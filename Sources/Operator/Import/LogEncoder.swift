import CygniIntake

/// Checks log lines and writes them as rows of a batch.
struct LogEncoder {
    private var days: DayRegister
    private var places: PlaceDirectory
    private let tenant: DefaultText
    private let project: DefaultText
    private let noFields = DefaultText("{}")
    private let plainLevel = DefaultText("info")

    /// Octets that a level may have, as the table checks it.
    static let levelLimit = 32

    init(tenant: String, project: String, places: PlaceDirectory, days: DayRegister) {
        self.places = places
        self.days = days
        self.tenant = DefaultText(tenant)
        self.project = DefaultText(project)
    }

    /// Checks that a row of this time can be taken.
    mutating func admit(_ time: Int64, _ batch: inout CopyBatch) throws(RowFault) {
        guard SampleTime.range.contains(time) else { throw RowFault("time: not from 1970 to 2199") }
        try days.admit(time, &batch)
    }

    /// - Parameters:
    ///   - time: microseconds since 1970.
    ///   - level: nil is `info`.
    ///   - fields: a JSON object; nil is an empty one.
    mutating func add(
        time: Int64,
        level: ByteView?,
        message: ByteView,
        fields: ByteView?,
        to batch: inout CopyBatch
    ) throws(RowFault) {
        let level = try plainLevel.or(level?.trimmed, "level")
        guard level.count <= Self.levelLimit else {
            throw RowFault("level: is \(level.count) bytes long, more than \(Self.levelLimit)")
        }
        let place = try places.number(
            tenant: try tenant.or(nil, "tenant"),
            project: try project.or(nil, "project"),
            &batch
        )
        try admit(time, &batch)
        batch.startRow(fields: 5)
        batch.add(time: time)
        batch.add(place)
        batch.add(level)
        batch.add(message)
        batch.add(json: try noFields.or(fields, "fields"))
    }
}

extension StaticString {
    /// Its bytes; they live as long as the program.
    var view: ByteView { ByteView(start: utf8Start, count: utf8CodeUnitCount) }
}
