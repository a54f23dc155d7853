/// The readable form of a binary `numeric` (`numeric_send`): base-10000 digits with a weight, a sign and a display scale.
func numericText(_ cell: Cell) throws -> String {
    guard cell.type == PostgresType.numeric.rawValue else { throw cell.unreadable(as: "numeric") }
    var reader = WireReader(try cell.required())
    let count = Int(try reader.integer(Int16.self, of: cell))
    let weight = Int(try reader.integer(Int16.self, of: cell))
    let sign = try reader.integer(UInt16.self, of: cell)
    let scale = Int(try reader.integer(UInt16.self, of: cell))
    switch sign {
    case 0xC000: return "NaN"
    case 0xD000: return "Infinity"
    case 0xF000: return "-Infinity"
    default: break
    }
    var groups: [Int] = []
    for _ in 0..<count { groups.append(Int(try reader.integer(Int16.self, of: cell))) }

    /// The group that stands for 10000 to the power of `power`; zero outside what was sent.
    func group(_ power: Int) -> String {
        let index = weight - power
        let value = groups.indices.contains(index) ? groups[index] : 0
        return String(String(value + 10_000).dropFirst())
    }
    var whole = weight < 0 ? "0" : stride(from: weight, through: 0, by: -1).map(group).joined()
    whole = String(whole.drop { $0 == "0" })
    if whole.isEmpty { whole = "0" }
    var text = sign == 0x4000 ? "-" + whole : whole
    if scale > 0 {
        let fraction = (1...((scale + 3) / 4)).map { group(-$0) }.joined()
        text += "." + fraction.prefix(scale)
    }
    return text
}
