import CygniACME
import CygniJobs
import CygniLog
import CygniModel
import Logging

/// Proves to a CA that an order's names are ours (RFC 8555, section 7.5).
struct Validator: Sendable {
    let context: JobContext
    let responders: Responders
    /// For all names of an order.
    var patience = Duration.seconds(180)

    /// Answers what is pending of an order, and waits until it is ready or has failed.
    ///
    /// - Returns: the order as it is then.
    func validate(_ order: ACMEOrder, at url: String, _ ready: Authorities.Ready) async throws -> ACMEOrder {
        var tasks: [ChallengeTask] = []
        do {
            tasks = try await present(order, ready)
            context.crashPoint("cert.challenged")
            for task in tasks { try await ready.client.respond(to: task.challenge, ready.account) }
            context.crashPoint("cert.responded")
            let ended = try await wait(for: url, ready)
            try await withdraw(tasks)
            guard ended.status == .invalid else { return ended }
            throw try await failure(of: ended, ready)
        } catch {
            try? await withdraw(tasks)
            throw error
        }
    }

    private func present(_ order: ACMEOrder, _ ready: Authorities.Ready) async throws -> [ChallengeTask] {
        var tasks: [ChallengeTask] = []
        do {
            for url in order.authorizations {
                let (authorization, _) = try await ready.client.authorization(at: url, ready.account)
                guard authorization.status == .pending else { continue }
                let task = try task(authorization, ready)
                tasks.append(task)
                for responder in responders.responders(task.kind) { try await responder.present(task) }
            }
        } catch {
            try? await withdraw(tasks)
            throw error
        }
        let settle = tasks.flatMap { responders.responders($0.kind) }.map(\.settle).max() ?? .zero
        if settle > .zero { try await Task.sleep(for: settle) }
        return tasks
    }

    private func task(_ authorization: ACMEAuthorization, _ ready: Authorities.Ready) throws -> ChallengeTask {
        let name = CertificateName(authorization.name)
        guard let kind = responders.kind(for: name) else { throw Self.noChallenge(authorization.name) }
        guard let challenge = authorization.challenges.first(where: { $0.kind == kind }) else {
            throw ACMEError.unsupported("\(kind.rawValue) for \(authorization.name)")
        }
        guard let token = challenge.safeToken else {
            throw ACMEError.malformed("a token that is not base64url")
        }
        return ChallengeTask(
            name: name,
            kind: kind,
            challenge: challenge,
            token: token,
            keyAuthorization: ready.account.key.keyAuthorization(token),
            dnsValue: ready.account.key.dnsValue(token)
        )
    }

    static func noChallenge(_ name: String) -> Unfit {
        Unfit(
            reason: .noChallenge,
            description:
                "no way to validate \(name) is configured: \(name.hasPrefix("*.") ? "a wildcard takes dns-01, with dns.server or dns.hook" : "see challenges, http, dns and tls_alpn") of jobs/cert-renew.yaml"
        )
    }

    private func withdraw(_ tasks: [ChallengeTask]) async throws {
        for task in tasks {
            for responder in responders.responders(task.kind) {
                do {
                    try await responder.withdraw(task)
                } catch {
                    context.logger.warning(
                        "an answer to a challenge was left behind",
                        metadata: .init([.item: task.name.identifier.value, .error: Redacted.words(error)])
                    )
                }
            }
        }
    }

    private func wait(for url: String, _ ready: Authorities.Ready) async throws -> ACMEOrder {
        var polling = Polling(for: patience)
        var pause: Duration? = .zero
        repeat {
            let (order, retryAfter) = try await ready.client.order(at: url, ready.account)
            if order.status != .pending { return order }
            pause = retryAfter
        } while try await polling.wait(retryAfter: pause)
        throw ACMEError.tooSlow("the names were not validated within \(patience.text)")
    }

    /// What the CA says of the name that failed; the order itself says less.
    private func failure(of order: ACMEOrder, _ ready: Authorities.Ready) async throws -> ValidationFailure {
        for url in order.authorizations {
            let (authorization, _) = try await ready.client.authorization(at: url, ready.account)
            guard authorization.status != .valid, authorization.status != .pending else { continue }
            let problem = authorization.problem ?? order.problem
            return ValidationFailure(
                name: authorization.name,
                problem: problem ?? ACMEProblem(type: "unauthorized", detail: "the CA gave no reason")
            )
        }
        return ValidationFailure(
            name: nil,
            problem: order.problem ?? ACMEProblem(type: "unauthorized", detail: "the CA gave no reason")
        )
    }
}

/// A CA looked and did not find what it was told it would.
struct ValidationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let name: String?
    let problem: ACMEProblem

    var description: String { "\(name.map { "\($0) was not validated" } ?? "the order failed"): \(problem)" }
}
