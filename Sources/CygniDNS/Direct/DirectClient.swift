import CygniModel

/// Asks single servers, for what a resolver does not tell: whether all of a zone's servers say the same, and what they say now.
package final class DirectClient: Sendable {
    /// How patient it is.
    package struct Limits: Hashable, Sendable {
        /// For one try over UDP; TCP has twice as long.
        package var wait = Duration.seconds(1)
        package var tries = 2
        /// Questions in flight at once.
        package var window = 256

        package init() {}
    }

    private let loop: DirectLoop

    package init(_ limits: Limits = Limits()) throws {
        loop = try DirectLoop(limits)
        try loop.start()
    }

    deinit { loop.quit() }

    /// Asks one server for a name's records of a type.
    ///
    /// - Parameter recursive: whether it is to find out what it does not know; for resolvers.
    /// - Throws: `CancellationError`.
    package func ask(
        _ server: ServerAddress,
        _ name: DomainName,
        _ type: RecordType,
        recursive: Bool = false
    ) async throws -> DirectAnswer {
        try Task.checkCancellation()
        var query = Query(
            Message.Question(name, type),
            id: .random(in: 0 ... .max),
            capitals: .random(in: 0 ... .max)
        )
        query.wantsRecursion = recursive
        let (loop, question) = (loop, query)
        let answer = await withCheckedContinuation { continuation in
            loop.add(question, server) { continuation.resume(returning: $0) }
        }
        try Task.checkCancellation()
        return answer
    }
}
