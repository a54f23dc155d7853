/// Every operation that there is.
enum PlatformContract {
    static let operations =
        ServerEndpoints.all + TokenEndpoints.all + DeploymentEndpoints.all + DomainEndpoints.all + IngestEndpoints.all
        + MetricEndpoints.all + LogEndpoints.all
        + RecordEndpoints.all
        + KeyEndpoints.all + JobEndpoints.all + JobActionEndpoints.all + RunEndpoints.all

    static let document = APIDocument(operations: operations)
}
