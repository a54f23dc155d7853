import Testing

@testable import CygniHTTP

struct AddressPolicyTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.255", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "203.0.113.5",
    ])
    func `addresses of our own networks are refused`(address: String) {
        #expect(AddressPolicy.refusal(ofIPv4: number(address)) != nil)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "192.167.1.1", "100.128.0.1", "93.184.216.34",
    ])
    func `public addresses are not`(address: String) {
        #expect(AddressPolicy.refusal(ofIPv4: number(address)) == nil)
    }

    @Test func `IPv6 is judged by its ranges and by the IPv4 address inside`() {
        func refusal(_ prefix: [UInt8], _ suffix: [UInt8] = []) -> String? {
            let zeros = [UInt8](repeating: 0, count: 16 - prefix.count - suffix.count)
            return AddressPolicy.refusal(ofIPv6: prefix + zeros + suffix)
        }
        #expect(refusal([], [1]) == "loopback")
        #expect(refusal([]) == "unspecified")
        #expect(refusal([0xfd, 0x12]) == "private (unique local)")
        #expect(refusal([0xfe, 0x80]) == "link-local")
        #expect(refusal([0xff, 0x02]) == "multicast")
        #expect(refusal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], [127, 0, 0, 1]) == "loopback")
        #expect(refusal([0, 0x64, 0xff, 0x9b], [10, 0, 0, 1]) == "private")
        #expect(refusal([0x20, 0x02, 192, 168, 0, 1]) == "private")
        #expect(refusal([0x20, 0x01, 0x48, 0x60], [0x88, 0x88]) == nil)
        #expect(refusal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], [8, 8, 8, 8]) == nil)
    }

    private func number(_ text: String) -> UInt32 {
        text.split(separator: ".").reduce(0) { $0 << 8 | (UInt32($1) ?? 0) }
    }
}
