import NIOCore
import NIOPosix
import Testing

@testable import PlatformAPI

/// A task that prefers a loop is on it after each wait, and one that leaves it is not.
@Suite struct LoopExecutorTests {
    @Test func whatMayTakeLongLeavesIt() {
        for operation in PlatformContract.operations where operation.body != nil { #expect(!operation.isBrief) }
        let long: Set = ["listLogs", "queryMetrics", "runJob", "resumeJob", "whyJob"]
        let brief = Set(PlatformContract.operations.filter(\.isBrief).map(\.id))
        #expect(brief.isDisjoint(with: long) && brief.isSuperset(of: ["listDeployments", "isAlive", "watchRun"]))
    }

    @Test func tasksStayOnTheirLoop() async throws {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            try await withTaskExecutorPreference(LoopExecutor(loop)) {
                for _ in 0..<3 {
                    #expect(loop.inEventLoop)
                    try await Task.sleep(for: .milliseconds(1))
                }
                await withTaskGroup { group in group.addTask { #expect(loop.inEventLoop) } }
                #expect(await Task { loop.inEventLoop }.value == false)
                #expect(await Task(executorPreference: LoopExecutor(loop)) { loop.inEventLoop }.value)
            }
            #expect(!loop.inEventLoop)
        }
    }
}
