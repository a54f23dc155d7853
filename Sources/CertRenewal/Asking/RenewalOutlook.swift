import CygniJobs
import CygniModel
import CygniPostgres

/// `plan`: who is renewed when, what waits and why, and when a limit of a CA would bite.
enum RenewalOutlook {
    static func answer(_ lifetime: Duration?, _ settings: RenewalSettings, _ book: CertificateBook) async throws
        -> PlanAnswer
    {
        let rows = try await book.rows(names: [], all: true, atMost: 0).filter {
            $0.state != "retired" && $0.state != "revoked"
        }
        let now = book.context.now
        let forecast = Forecast(rows, settings, now: now, lifetime: lifetime)
        return PlanAnswer(text: forecast.text, json: forecast.json)
    }
}
