import CygniModel
import CygniPostgres
import FoundationEssentials
import HTTPTypes

/// Writes requests of one tenant in one transaction.
struct IngestWriter: Sendable {
    typealias Results = [Int: Result<Reply, any Error>]

    let database: ServerDatabase
    let days: DayBook

    /// - Returns: of each request what it is answered; good answers are committed.
    func write(_ requests: [Int: IngestRequest], _ lane: IngestQueue.Lane) async -> Results {
        guard !requests.isEmpty else { return [:] }
        do {
            return try await once(requests, lane)
        } catch let error as PostgresError where error.isOfItsRows {
            // Each by itself: what one of them is refused for is no other's affair.
            var results: Results = [:]
            for (id, request) in requests { results[id] = await alone(id, request, lane) }
            return results
        } catch {
            return requests.mapValues { _ in .failure(error) }
        }
    }

    private func alone(_ id: Int, _ request: IngestRequest, _ lane: IngestQueue.Lane) async -> Result<Reply, any Error>
    {
        do {
            days.forget(request.rows.days.keys, of: lane.table)
            try await days.ensure(request.rows.days, of: lane.table, database)
            return try await once([id: request], lane)[id] ?? .failure(Problem(.internalError))
        } catch let error as PostgresError where error.isOfItsRows {
            return .failure(
                error.sqlState == "23514"
                    ? Problem(
                        .conflict,
                        "a day of these rows is being taken out; nothing was taken",
                        headers: [.retryAfter: "1"]
                    )
                    : Problem(.invalidRequest, "the database refuses a value of these rows; nothing was taken")
            )
        } catch {
            return .failure(error)
        }
    }

    private func once(_ requests: [Int: IngestRequest], _ lane: IngestQueue.Lane) async throws -> Results {
        try await database.tenant(lane.tenant) { session in
            var results: Results = [:]
            var rows = IngestRows(lane.table)
            var kept: [(DuplicateGuard, Reply)] = []
            for (id, request) in requests.sorted(by: { $0.key < $1.key }) {
                let reply = Reply.json(.object([("accepted", .integer(request.rows.count))]))
                do {
                    if let known = try request.duplicate?.known(in: session) {
                        results[id] = .success(known)
                        continue
                    }
                } catch let problem as Problem {
                    results[id] = .failure(problem)
                    continue
                }
                rows.append(request.rows)
                if let duplicate = request.duplicate { kept.append((duplicate, reply)) }
                results[id] = .success(reply)
            }
            try rows.write(in: session)
            for (duplicate, reply) in kept { try duplicate.keep(reply, in: session) }
            return results
        }
    }
}

extension PostgresError {
    /// A value that the server refuses (class 22), or a day without a partition.
    fileprivate var isOfItsRows: Bool {
        kind == .server && (sqlState?.hasPrefix("22") == true || sqlState == "23514")
    }
}
