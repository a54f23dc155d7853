import CygniDNS

extension HostName.Fault {
    /// For a person.
    package var words: String {
        switch self {
        case .empty: "the name is empty"
        case .address: "an address is no name"
        case .star: "a star stands alone, in front of the whole name"
        case .singleLabel: "one label alone is nobody's"
        case .tooLong: "a name has at most 253 bytes, a label 63, and the challenge in front of it must fit"
        case .label(let why): why
        case .publicSuffix(let suffix): "everybody registers names below \(suffix)"
        }
    }
}
