/// Every operation that there is.
package enum PlatformContract {
    package static let operations =
        ServerEndpoints.all + TokenEndpoints.all + DeploymentEndpoints.all + DomainEndpoints.all + RecordEndpoints.all
        + KeyEndpoints.all + JobEndpoints.all

    package static let document = APIDocument(operations: operations)
}
