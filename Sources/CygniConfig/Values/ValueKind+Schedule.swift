package import CygniModel
import Glibc

extension ValueKind where Value == CronSchedule {
    /// A five-field cron schedule, or one of cron's names for one (`@daily`).
    package static var cron: ValueKind<CronSchedule> {
        let phrase = "a cron schedule of five fields"
        let schema = ConfigValue.members(["type": .string("string"), "examples": .list([.string("17 3 * * *")])])
        return scalar(phrase, schema: schema, placeholder: .midnight, spell: { .string($0.text) }) { text, _ in
            do throws(CronSchedule.Fault) {
                return .value(try CronSchedule(parsing: text))
            } catch {
                return .because(error.description)
            }
        }
    }
}

extension ValueKind where Value == String {
    /// A name of the IANA time zone database that this machine has.
    package static var timeZone: ValueKind {
        let schema = ConfigValue.members(["type": .string("string"), "pattern": .string("^[A-Za-z][A-Za-z0-9_+/-]*$")])
        let phrase = "an IANA time zone of this machine, such as UTC or Europe/Berlin"
        return scalar(phrase, schema: schema, placeholder: "UTC", spell: ConfigValue.string) { text, _ in
            if text == "UTC" { return .value(text) }
            let isName = text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "_+-/".utf8.contains(byte)
            }
            guard isName, text.first?.isLetter == true, text.utf8.count <= 100, !text.hasSuffix("/") else {
                return .refused
            }
            if (try? ZoneFile.rules(of: text)) != nil { return .value(text) }
            let isInstalled = access(ZoneFile.folder, R_OK) == 0
            return isInstalled ? .refused : .because("\(ZoneFile.folder) is missing, install tzdata")
        }
    }
}
