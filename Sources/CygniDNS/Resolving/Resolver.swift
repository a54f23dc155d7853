/// A validating resolver with a cache of its own, on libunbound.
package final class Resolver: Sendable {
    private let loop: ResolverLoop

    /// - Throws: ``ResolverFault`` for a setting that libunbound refuses.
    package init(_ settings: ResolverSettings) throws {
        loop = try ResolverLoop(settings)
        try loop.start()
    }

    deinit { loop.quit() }

    /// Asks for a name's records of a type, following aliases.
    ///
    /// - Throws: `CancellationError`. Whatever else goes wrong is a finding.
    package func find(_ name: DomainName, _ type: RecordType) async throws -> Finding {
        try await find([Message.Question(name, type)])[0]
    }

    /// Asks several questions at once.
    ///
    /// - Returns: in their order, once all are answered.
    package func find(_ questions: [Message.Question]) async throws -> [Finding] {
        guard !questions.isEmpty else { return [] }
        let lookup = Lookup(questions)
        let loop = loop
        let outcomes = await withTaskCancellationHandler {
            loop.add(lookup)
            return await lookup.outcomes()
        } onCancel: {
            loop.cancel(lookup)
        }
        return try zip(questions, outcomes).map { try Finding($0, $1) }
    }
}

extension Finding {
    fileprivate init(_ question: Message.Question, _ outcome: Lookup.Outcome) throws {
        switch outcome {
        case .cancelled: throw CancellationError()
        case .timeout: self = .unknown(.timeout)
        case .failed(let reason): self = .unknown(.garbled(reason))
        case .packet(let bytes, let code, let security):
            if case .bogus(let reason) = security { self = .unknown(.bogus(reason)); return }
            let code = ResponseCode(rawValue: code)
            guard code == .noError || code == .nameError else { self = .unknown(.failed(code)); return }
            do {
                self.init(Answer(question: question, message: try Message(parsing: bytes), security: security))
            } catch {
                self = .unknown(.garbled("\(error)"))
            }
        }
    }
}
