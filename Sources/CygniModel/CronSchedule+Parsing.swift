extension CronSchedule {
    /// Why a text is no schedule: the field and what is wrong with it.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Reads five fields, or `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`.
    package init(parsing text: String) throws(Fault) {
        let written = text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        guard !written.hasPrefix("@") else {
            try self.init(named: written)
            return
        }
        try self.init(fields: written, text: written)
    }

    private init(named name: String) throws(Fault) {
        let fields: String
        switch name.lowercased() {
        case "@hourly": fields = "0 * * * *"
        case "@daily", "@midnight": fields = "0 0 * * *"
        case "@weekly": fields = "0 0 * * 0"
        case "@monthly": fields = "0 0 1 * *"
        case "@yearly", "@annually": fields = "0 0 1 1 *"
        case "@reboot": throw Fault(description: "@reboot is no time; start the job from a service at boot")
        default:
            throw Fault(description: "'\(name)' is not one of @hourly, @daily, @weekly, @monthly, @yearly")
        }
        try self.init(fields: fields, text: name.lowercased())
    }

    private init(fields: String, text: String) throws(Fault) {
        let parts = fields.split(separator: " ").map(String.init)
        guard parts.count == 5 else {
            throw Fault(description: "it has \(parts.count) \(parts.count == 1 ? "field" : "fields"), not 5")
        }
        self.text = text
        minutes = try CronFieldSyntax.minute.parse(parts[0])
        hours = try CronFieldSyntax.hour.parse(parts[1])
        daysOfMonth = try CronFieldSyntax.dayOfMonth.parse(parts[2])
        months = try CronFieldSyntax.month.parse(parts[3])
        daysOfWeek = try CronFieldSyntax.dayOfWeek.parse(parts[4])
        guard everFires else { throw Fault(description: "it never fires, no month named has such a day") }
    }
}

/// How one of the five fields is written.
private struct CronFieldSyntax {
    let name: String
    /// What the field may name.
    let range: ClosedRange<Int>
    /// What may be written: Sunday is 7, too.
    var written: ClosedRange<Int>
    var names: [String] = []

    static let minute = CronFieldSyntax(name: "minute", range: 0...59, written: 0...59)
    static let hour = CronFieldSyntax(name: "hour", range: 0...23, written: 0...23)
    static let dayOfMonth = CronFieldSyntax(name: "day of month", range: 1...31, written: 1...31)
    static let month = CronFieldSyntax(
        name: "month",
        range: 1...12,
        written: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    )
    static let dayOfWeek = CronFieldSyntax(
        name: "day of week",
        range: 0...6,
        written: 0...7,
        names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    )

    func parse(_ text: String) throws(CronSchedule.Fault) -> CronField {
        var values: [Int] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            values += try parse(item: item)
        }
        let named = values.map { $0 > range.upperBound ? range.lowerBound : $0 }
        return CronField(named, of: range, startsWithStar: text.hasPrefix("*"))
    }

    private func parse(item: Substring) throws(CronSchedule.Fault) -> [Int] {
        guard !item.isEmpty else { throw fault("has an empty item in its list") }
        let slash = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bounds = slash[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let isRange = slash[0] == "*" || bounds.count == 2
        let step = try slash.count == 2 ? step(slash[1], in: item, isRange: isRange) : 1
        guard slash[0] != "*" else { return Array(stride(from: range.lowerBound, through: range.upperBound, by: step)) }
        let first = try value(bounds[0])
        let last = try bounds.count == 2 ? value(bounds[1]) : first
        guard first <= last else {
            let hint = range.upperBound == 6 && last == 0 ? "; Sunday at the end of a range is 7" : ""
            throw fault("has the range '\(slash[0])', which runs backwards\(hint)")
        }
        return Array(stride(from: first, through: last, by: step))
    }

    private func step(_ text: Substring, in item: Substring, isRange: Bool) throws(CronSchedule.Fault) -> Int {
        guard isRange else {
            throw fault("has the step '\(item)' without a range; write */\(text) or FIRST-LAST/\(text)")
        }
        guard let step = wholeNumber(text), step > 0, step <= Int64(range.upperBound - range.lowerBound + 1) else {
            throw fault("has the step '\(text)', which must be from 1 to \(range.upperBound - range.lowerBound + 1)")
        }
        return Int(step)
    }

    private func value(_ text: Substring) throws(CronSchedule.Fault) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return index + range.lowerBound }
        guard let number = wholeNumber(text) else {
            let hint = names.isEmpty ? "" : " or a name"
            throw fault(
                "has '\(text)', which must be a number from \(written.lowerBound) to \(written.upperBound)\(hint)"
            )
        }
        guard written.lowerBound <= number, number <= written.upperBound else {
            throw fault("has \(number), which must be from \(written.lowerBound) to \(written.upperBound)")
        }
        return Int(number)
    }

    private func fault(_ text: String) -> CronSchedule.Fault {
        CronSchedule.Fault(description: "\(name) \(text)")
    }
}
