import CygniIntake

/// One sample as an input spells it; what is nil comes from the command line.
struct Sample {
    var time: ByteView?
    var value: ByteView?
    var tenant: ByteView?
    var project: ByteView?
    var metric: ByteView?
}

/// Which part of a sample or log line a column or key holds; `time` and `timestamp` are `ts`, and so on.
enum SampleKey {
    case time, value, tenant, project, metric

    init?(_ name: ByteView) {
        if name.spellsIgnoringCase("ts") || name.spellsIgnoringCase("timestamp") || name.spellsIgnoringCase("time") {
            self = .time
        } else if name.spellsIgnoringCase("value") {
            self = .value
        } else if name.spellsIgnoringCase("metric") {
            self = .metric
        } else if name.spellsIgnoringCase("tenant") || name.spellsIgnoringCase("tenant_id") {
            self = .tenant
        } else if name.spellsIgnoringCase("project") || name.spellsIgnoringCase("project_id") {
            self = .project
        } else {
            return nil
        }
    }
}

extension Sample {
    subscript(key: SampleKey) -> ByteView? {
        get {
            switch key {
            case .time: time
            case .value: value
            case .tenant: tenant
            case .project: project
            case .metric: metric
            }
        }
        set {
            switch key {
            case .time: time = newValue
            case .value: value = newValue
            case .tenant: tenant = newValue
            case .project: project = newValue
            case .metric: metric = newValue
            }
        }
    }
}
