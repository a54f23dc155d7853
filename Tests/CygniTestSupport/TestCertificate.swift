/// A self-made certificate and its key, by the `openssl` command.
package struct TestCertificate: Sendable {
    package let certificate: String
    package let key: String

    /// - Parameters:
    ///   - name: of the files, and the common name.
    ///   - algorithm: as `openssl req -newkey` takes it: `rsa:2048`, `ec`.
    ///   - address: an IP address that the certificate is for.
    package init(
        _ name: String,
        in folder: TemporaryFolder,
        algorithm: String = "rsa:2048",
        address: String? = nil
    ) async throws {
        certificate = folder.file("\(name).pem")
        key = folder.file("\(name).key")
        var arguments = ["req", "-x509", "-newkey", algorithm, "-nodes", "-days", "30", "-subj", "/CN=\(name)"]
        if algorithm == "ec" { arguments += ["-pkeyopt", "ec_paramgen_curve:P-256"] }
        if let address { arguments += ["-addext", "subjectAltName=IP:\(address)"] }
        try await BuiltExecutable(path: "/usr/bin/openssl").run(arguments + ["-keyout", key, "-out", certificate])
            .succeeded("openssl req")
    }
}
