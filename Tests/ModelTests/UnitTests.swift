import Testing

@testable import CygniModel

@Suite("Units")
struct UnitTests {
    @Test(
        "A size is read, and written in its shortest exact form",
        arguments: [
            ("0B", 0, "0B"), ("512B", 512, "512B"), ("64KiB", 65_536, "64KiB"), ("5GB", 5_000_000_000, "5GB"),
            ("1024B", 1024, "1KiB"), ("1kB", 1000, "1kB"), ("1KB", 1000, "1kB"), ("1500B", 1500, "1500B"),
            ("1000MB", 1_000_000_000, "1GB"), ("1024GiB", 1 << 40, "1TiB"), ("007B", 7, "7B"),
            ("8388607TiB", 8_388_607 << 40, "8388607TiB"),
        ] as [(String, Int64, String)]
    )
    func sizes(text: String, bytes: Int64, written: String) {
        #expect(ByteCount(parsing: text) == ByteCount(bytes))
        #expect(ByteCount(bytes).description == written)
    }

    @Test(
        "What is no size is refused",
        arguments: [
            "", "5", "B", "KiB", "-1B", "+1B", "1.5GB", "1 GB", "1gb", "1Kib", "5G", "0x1B", "8388608TiB", "٣B",
            "99999999999999999999B", "1GB ",
        ]
    )
    func noSizes(text: String) {
        #expect(ByteCount(parsing: text) == nil)
    }

    @Test(
        "A duration is read, and written in its shortest exact form",
        arguments: [
            ("0s", .zero, "0s"), ("250ms", .milliseconds(250), "250ms"), ("90s", .seconds(90), "90s"),
            ("15m", .minutes(15), "15m"), ("36h", .hours(36), "36h"), ("30d", .days(30), "30d"),
            ("60s", .seconds(60), "1m"), ("1000ms", .seconds(1), "1s"), ("48h", .days(2), "2d"),
            ("0d", .zero, "0s"),
        ] as [(String, Duration, String)]
    )
    func durations(text: String, duration: Duration, written: String) {
        #expect(Duration(parsing: text) == duration)
        #expect(duration.text == written)
    }

    @Test(
        "What is no duration is refused",
        arguments: [
            "", "90", "s", "-1s", "1.5h", "1 h", "1H", "1h30m", "1w", "1us", "99999999999999999999s", "106751991168d",
        ]
    )
    func noDurations(text: String) {
        #expect(Duration(parsing: text) == nil)
    }

    @Test("A duration gives microseconds cut towards zero, and seconds with their fraction")
    func parts() {
        #expect(Duration.nanoseconds(1999).microseconds == 1)
        #expect(Duration.nanoseconds(-1999).microseconds == -1)
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
    }

    @Test("A secret never shows itself")
    func secret() {
        struct Holder {
            let secret: Secret
        }
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Holder(secret: secret), to: &dumped)
        let shown = "\(secret) \(String(reflecting: secret)) \(Holder(secret: secret)) \([secret]) \(dumped)"
        #expect(!shown.contains("hunter2"))
        #expect("\(secret)" == "[secret]")
        #expect(secret.reveal() == "hunter2")
        #expect(secret == Secret("hunter2") && secret != Secret("hunter3"))
    }

    @Test(
        "Exit statuses have the numbers that users script against",
        arguments: [
            (.success, 0), (.failure, 1), (.partial, 2), (.pending, 3), (.usage, 64), (.unavailable, 69),
            (.tryLater, 75),
            (.configuration, 78), (.timedOut, 124), (.signal(15), 143), (.signal(2), 130),
        ] as [(CygniModel.ExitStatus, Int32)]
    )
    func exitStatuses(status: CygniModel.ExitStatus, code: Int32) {
        #expect(status.code == code)
    }
}
