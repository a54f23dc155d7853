/// Does together what many ask for at the same time: what is asked while some of it is being done is done next, in one go.
package actor Together<Question: Sendable, Answer: Sendable> {
    /// - Returns: an answer for each question, in their order.
    package typealias Work = @Sendable ([Question]) async throws -> [Answer]

    private let work: Work
    private var queue: [(number: Int, question: Question)] = []
    private var waiting: [Int: CheckedContinuation<Answer, any Error>] = [:]
    private var count = 0
    private var isWorking = false

    package init(_ work: @escaping Work) { self.work = work }

    /// The answer of work that began after the question.
    ///
    /// - Throws: what the work threw, for all that were asked together; `CancellationError` at once, while the work goes on.
    package func callAsFunction(_ question: Question) async throws -> Answer {
        try Task.checkCancellation()
        count += 1
        let number = count
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { end in
                waiting[number] = end
                queue.append((number, question))
                guard !isWorking else { return }
                isWorking = true
                Task { await workOff() }
            }
        } onCancel: {
            Task { await giveUp(number) }
        }
    }

    private func giveUp(_ number: Int) {
        waiting.removeValue(forKey: number)?.resume(throwing: CancellationError())
    }

    private func workOff() async {
        while !queue.isEmpty {
            let batch = queue
            queue = []
            let result: Result<[Answer], any Error>
            do { result = .success(try await work(batch.map(\.question))) } catch { result = .failure(error) }
            for (index, each) in batch.enumerated() {
                waiting.removeValue(forKey: each.number)?.resume(with: result.map { $0[index] })
            }
        }
        isWorking = false
    }
}
