import CygniIntake

/// Checks samples and writes them as rows of a batch.
struct SampleEncoder {
    /// What samples belong to that do not say it themselves.
    struct Defaults: Sendable {
        var tenant: String?
        var project: String?
        var metric: String?
    }

    private var time = SampleTime()
    private var days: DayRegister
    private var places: PlaceDirectory
    private let tenant: DefaultText
    private let project: DefaultText
    private let metric: DefaultText

    /// Octets that a metric's name may have, as the table checks it.
    static let metricLimit = 255

    init(defaults: Defaults, places: PlaceDirectory, days: DayRegister) {
        self.places = places
        self.days = days
        tenant = DefaultText(defaults.tenant)
        project = DefaultText(defaults.project)
        metric = DefaultText(defaults.metric)
    }

    /// - Parameter now: the time of a sample that has none; nil where each must have one.
    mutating func add(_ sample: Sample, now: Int64? = nil, to batch: inout CopyBatch) throws(RowFault) {
        guard let written = sample.value?.trimmed, !written.isEmpty else { throw RowFault("value: is empty") }
        guard let value = FloatText.parse(written) else {
            throw RowFault("value: not a number: \(RowFault.excerpt(written))")
        }
        let moment: Int64
        if let text = sample.time?.trimmed {
            moment = try time.parse(text)
        } else if let now {
            moment = now
        } else {
            throw RowFault("time: is missing")
        }
        let name = try metric.or(sample.metric, "metric")
        guard name.count <= Self.metricLimit else {
            throw RowFault("metric: is \(name.count) bytes long, more than \(Self.metricLimit)")
        }
        guard !name.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw RowFault("metric: has a control character: \(RowFault.excerpt(name))")
        }
        let tenantName = try tenant.or(sample.tenant, "tenant")
        let projectName = try project.or(sample.project, "project")
        let place = try places.number(tenant: tenantName, project: projectName, &batch)
        try days.admit(moment, &batch)
        batch.startRow(fields: 4)
        batch.add(time: moment)
        batch.add(place)
        batch.add(name)
        batch.add(value)
    }
}
