import CygniConfig

extension ValueKind where Value == String {
    static var network: ValueKind {
        parsed("a network such as 198.51.100.0/24", placeholder: "", spell: { $0 }) {
            Edge.Network($0) == nil ? nil : $0
        }
    }
}
