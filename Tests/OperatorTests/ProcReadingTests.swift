import Testing

@testable import Operator

@Suite struct ProcReadingTests {
    private let earlier = ProcReading(
        [
            "stat": "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3 4 5\n",
            "diskstats": "   8 0 sda 1 0 1000 0 1 0 2000 0 0 0 0\n   8 1 sda1 1 0 1 0 1 0 1 0 0 0 0\n",
            "net/dev":
                "Inter-|   Receive\n face |bytes\n    lo: 9 0 0 0 0 0 0 0 9 0\n  eth0: 1000 0 0 0 0 0 0 0 500 0 0 0 0 0 0 0\n",
        ],
        isDisk: { $0 == "sda" }
    )
    private let later = ProcReading(
        [
            "stat": "cpu  150 0 150 1050 150 0 0 0 90 0\n",
            "meminfo":
                "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    400 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
            "loadavg": "0.50 1.25 2.00 1/234 5678\n",
            "diskstats": "   8 0 sda 1 0 1010 0 1 0 2020 0 0 0 0\n",
            "net/dev": "  eth0: 3000 0 0 0 0 0 0 0 700 0 0 0 0 0 0 0\n",
        ],
        isDisk: { $0 == "sda" }
    )

    @Test func ratesAreTakenBetweenTwoReadings() {
        #expect(
            later.metrics(since: earlier, seconds: 2) == [
                "cpu_percent": 20, "cpu_iowait_percent": 10, "memory_used_bytes": 614_400,
                "memory_available_bytes": 409_600,
                "swap_used_bytes": 0, "load_1m": 0.5, "load_5m": 1.25, "load_15m": 2,
                "disk_read_bytes_per_second{device=\"sda\"}": 2560,
                "disk_written_bytes_per_second{device=\"sda\"}": 5120,
                "network_received_bytes_per_second{interface=\"eth0\"}": 1000,
                "network_sent_bytes_per_second{interface=\"eth0\"}": 100,
            ]
        )
    }

    @Test func whatIsMissingIsLeftOut() {
        let nothing = ProcReading([:]) { _ in true }
        #expect(nothing.metrics(since: nothing, seconds: 1).isEmpty)
        let garbage = ProcReading(["stat": "cpu x\n", "diskstats": "a b c\n", "net/dev": ":\nx:\n", "loadavg": "a"]) {
            _ in true
        }
        #expect(garbage == nothing)
    }
}
