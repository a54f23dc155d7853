/// What a lookup ended with.
package struct Answer: Hashable, Sendable {
    /// What validation says of an answer (RFC 4035, 4.3).
    package enum Security: Hashable, Sendable {
        case secure
        /// The zone is not signed.
        case insecure
        /// It should be signed and is not as it should, in the validator's words.
        case bogus(String)
    }

    package var question: Message.Question
    package var message: Message
    package var security: Security

    package init(question: Message.Question, message: Message, security: Security) {
        self.question = question
        self.message = message
        self.security = security
    }
}

/// The verdict of a lookup. What is unknown never counts as absent.
package enum Finding: Hashable, Sendable {
    /// Records of the type that was asked for, where the chain of aliases ends; the chain's names in between.
    case present([Record], aliases: [DomainName], Answer.Security)
    /// The name, or the name's records of that type, are not there.
    case absent(nameExists: Bool, aliases: [DomainName], by: Message.Negative?, Answer.Security)
    case unknown(Unknown)

    /// Why nobody can say.
    package enum Unknown: Hashable, Sendable {
        /// No server answered in time.
        case timeout
        /// The servers said SERVFAIL, REFUSED and the like.
        case failed(ResponseCode)
        /// The answer is not signed as it should be: an attack, or an accident at the zone's owner.
        case bogus(String)
        case garbled(String)
        /// Aliases that lead in a circle, or on for too long.
        case aliases([DomainName])
    }

    /// As many as resolvers follow.
    private static let maxAliases = 12

    package init(_ answer: Answer) {
        // Bogus data comes with a good code and records, so this is asked first.
        if case .bogus(let reason) = answer.security { self = .unknown(.bogus(reason)); return }
        let message = answer.message
        guard message.code == .noError || message.code == .nameError else {
            self = .unknown(.failed(message.code)); return
        }
        var name = answer.question.name
        var aliases: [DomainName] = []
        while let next = Self.alias(of: name, in: message.answers), answer.question.type != .cname {
            guard aliases.count < Self.maxAliases, !aliases.contains(next), next != answer.question.name else {
                self = .unknown(.aliases(aliases + [next]))
                return
            }
            aliases.append(next)
            name = next
        }
        let records = message.answers.filter { $0.name == name && $0.type == answer.question.type }
        guard records.isEmpty else { self = .present(records, aliases: aliases, answer.security); return }
        self = .absent(
            nameExists: message.code == .noError,
            aliases: aliases,
            by: message.negative,
            answer.security
        )
    }

    private static func alias(of name: DomainName, in records: [Record]) -> DomainName? {
        for record in records where record.type == .cname && record.name == name {
            if case .name(let target) = record.data { return target }
        }
        return nil
    }
}
