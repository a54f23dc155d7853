import CygniModel
import Glibc
import Testing

@Suite struct TimeLimitTests {
    private struct Broken: Error {}

    /// What is cut at the limit fails in its own way, perhaps before the limit itself is told.
    @Test func theTimeIsToldWhateverTheBodyMakesOfIt() async throws {
        let (stream, cut) = AsyncStream.makeStream(of: Void.self)
        await #expect(throws: TimeLimitPassed.self) {
            try await withTimeLimit(
                .milliseconds(10),
                onTimeOut: {
                    cut.finish()
                    usleep(100_000)
                },
                {
                    for await _ in stream {}
                    throw Broken()
                }
            )
        }
    }

    @Test func anErrorInTimeIsTheBodysOwn() async throws {
        await #expect(throws: Broken.self) { try await withTimeLimit(.seconds(10)) { throw Broken() } }
        #expect(try await withTimeLimit(.seconds(10)) { 7 } == 7)
    }
}
