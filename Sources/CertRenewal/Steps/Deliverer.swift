import CygniJobs
import CygniModel
import CygniPostgres

/// Brings a certificate to where it is served, and looks whether it is.
struct Deliverer: Sendable {
    let context: JobContext
    let settings: RenewalSettings
    let book: CertificateBook
    let deployers: [any Deployer]
    let probe: EdgeProbe
    let time: RunTime

    init(_ settings: RenewalSettings, _ book: CertificateBook, _ time: RunTime) throws {
        self.settings = settings
        self.book = book
        self.time = time
        context = book.context
        probe = EdgeProbe(settings.serving)
        let all: [(any Deployer)?] = [
            FileDeployer(settings.deploy), try KubernetesDeployer(settings.deploy), CommandDeployer(settings.deploy),
        ]
        deployers = all.compactMap { $0 }
    }

    /// Deploys and looks.
    func deliver(_ row: CertificateRow, _ lease: CertificateBook.Lease) async throws {
        if !deployers.isEmpty { try await deploy(row, lease) }
        try await look(row, lease)
    }

    private func deploy(_ row: CertificateRow, _ lease: CertificateBook.Lease) async throws {
        guard let fingerprint = row.fingerprint, let notAfter = row.validity?.notAfter else { return }
        do {
            guard let material = try await book.material(row.id) else { throw DeployFault("it has no chain") }
            guard let key = material.key else { throw DeployFault("its key is not kept here") }
            let facts = try LeafFacts(pem: material.chain)
            let delivery = Delivery(
                names: row.names,
                leaf: facts.leafPEM,
                intermediates: facts.intermediates,
                key: Secret(key),
                fingerprint: fingerprint,
                notAfter: notAfter
            )
            context.crashPoint("cert.deploying")
            // Its own check, as the lease can go while a command runs.
            try await context.checkpoint()
            for deployer in deployers { try await deployer.deploy(delivery) }
        } catch {
            let next = time() + RetryPause.pause(failures: row.deployFailures + 1, quarantineAfter: .max)
            let problem = JSONText(FailureRecord.json(error).text)
            try await book.write(lease) { session in
                _ = try session.query(CertificateBook.statements["not_deployed"], row.id, "not_deployed", problem, next)
            }
            throw error
        }
        let next = time()
        try await book.write(lease) { session in
            _ = try session.query(CertificateBook.statements["deployed"], row.id, fingerprint, next)
        }
        context.count("deployed")
        context.crashPoint("cert.deployed")
    }

    /// Asks each address of the edge for the certificate.
    func look(_ row: CertificateRow, _ lease: CertificateBook.Lease) async throws {
        guard let fingerprint = row.fingerprint, !probe.isEmpty else {
            let state = deployers.isEmpty ? "issued" : "deployed"
            try await keep(row, lease, state, "ok", nil, next: nil, failures: 0, problem: nil)
            return
        }
        let result = await probe.look(row.names, fingerprint: fingerprint)
        guard result.served < result.edges else {
            try await keep(
                row,
                lease,
                "served",
                "ok",
                result,
                next: time() + settings.serving.every,
                failures: 0,
                problem: nil
            )
            context.count("served")
            context.crashPoint("cert.probed")
            return
        }
        let words = Self.words(result)
        let failures = row.deployFailures + 1
        let next = time() + RetryPause.pause(failures: failures, quarantineAfter: .max)
        let problem = JSONValue.object([("code", .string("not_served")), ("words", .string(words))])
        try await keep(row, lease, "unserved", "not_served", result, next: next, failures: failures, problem: problem)
        context.count("not_served")
        throw DeployFault(words)
    }

    private func keep(
        _ row: CertificateRow,
        _ lease: CertificateBook.Lease,
        _ state: String,
        _ reason: String,
        _ result: EdgeProbe.Result?,
        next: Timestamp?,
        failures: Int,
        problem: JSONValue?
    ) async throws {
        let text = problem.map { JSONText($0.text) }
        try await book.write(lease) { session in
            _ = try session.query(
                CertificateBook.statements["probed"],
                row.id,
                state,
                reason,
                result?.served,
                result?.edges,
                next,
                failures,
                text
            )
        }
    }

    private static func words(_ result: EdgeProbe.Result) -> String {
        let others = result.others.prefix(5).map { sight in
            let what =
                sight.fault ?? sight.fingerprint.map { "shows another certificate, \($0.prefix(16))" } ?? "shows none"
            return "\(sight.address) for \(sight.name): \(what)"
        }
        return
            "served by \(result.served) of \(result.edges) edge addresses: \(others.joined(separator: "; ")). See whether the edge reads its certificates again after a deployment"
    }
}
