import CygniModel
import Glibc

/// Certificates as files with certbot's names. `live/NAME` is a link that is replaced whole, so that nobody ever reads a new
/// certificate beside an old key.
struct FileDeployer: Deployer {
    let directory: String
    let owner: String?
    let group: String?
    let keyMode: mode_t

    init(directory: String, owner: String?, group: String?, keyMode: mode_t) {
        (self.directory, self.owner, self.group, self.keyMode) = (directory, owner, group, keyMode)
    }

    init?(_ settings: DeploySection) {
        guard let directory = settings.directory else { return nil }
        self.directory = directory
        owner = settings.owner
        group = settings.group
        keyMode = mode_t(settings.mode, radix: 8) ?? 0o600
    }

    func deploy(_ delivery: Delivery) async throws {
        let name = try delivery.safeName()
        let (user, members) = try ids()
        let version = String(delivery.fingerprint.prefix(16))
        let archive = "\(directory)/archive/\(name)"
        for part in [directory, "\(directory)/archive", archive, "\(directory)/live"] { try make(part, 0o755) }
        let folder = "\(archive)/\(version)"
        try make(folder, 0o755)
        let files = [
            ("privkey.pem", delivery.key.reveal(), keyMode), ("cert.pem", delivery.leaf, 0o644),
            ("chain.pem", delivery.intermediates, 0o644),
            ("fullchain.pem", delivery.leaf + delivery.intermediates, 0o644),
        ]
        for (file, text, mode) in files { try write(text, to: "\(folder)/\(file)", mode, user, members) }
        try flush(folder)
        let link = "\(directory)/live/\(name)"
        let beside = "\(link).\(getpid()).new"
        unlink(beside)
        guard symlink("../archive/\(name)/\(version)", beside) == 0 else { throw failure("make", beside) }
        let previous = target(of: link)
        guard rename(beside, link) == 0 else {
            defer { unlink(beside) }
            throw failure("replace", link)
        }
        try flush("\(directory)/live")
        forgetOthers(in: archive, keeping: [version, previous ?? version])
    }

    private func write(_ text: String, to path: String, _ mode: mode_t, _ user: uid_t, _ members: gid_t) throws {
        let beside = "\(path).\(getpid()).tmp"
        unlink(beside)
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write", beside) }
        var rest = Array(text.utf8)[...]
        var cause: Int32 = 0
        while !rest.isEmpty, cause == 0 {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { cause = errno }
        }
        if cause == 0, fchown(descriptor, user, members) != 0 || fchmod(descriptor, mode) != 0 || fsync(descriptor) != 0
        {
            cause = errno
        }
        close(descriptor)
        guard cause == 0, rename(beside, path) == 0 else {
            if cause != 0 { errno = cause }
            let fault = failure("write", path)
            unlink(beside)
            throw fault
        }
    }

    private func make(_ path: String, _ mode: mode_t) throws {
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("make", path) }
    }

    private func flush(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("flush", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("flush", folder) }
    }

    private func target(of link: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { place in
                place.baseAddress.map { readlink(link, $0, place.count) } ?? -1
            }
        }
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "/").last.map(String.init)
    }

    /// What is served now and what was before it stay.
    private func forgetOthers(in archive: String, keeping kept: Set<String>) {
        guard let stream = opendir(archive) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.utf8.count == 16, name.allSatisfy(\.isHexDigit), !kept.contains(name) else { continue }
            for file in ["privkey.pem", "cert.pem", "chain.pem", "fullchain.pem"] {
                unlink("\(archive)/\(name)/\(file)")
            }
            rmdir("\(archive)/\(name)")
        }
    }

    private func ids() throws -> (uid_t, gid_t) {
        var (user, members) = (getuid(), getgid())
        if let owner {
            guard let found = getpwnam(owner) else { throw DeployFault("deploy.owner: there is no user '\(owner)'") }
            user = found.pointee.pw_uid
        }
        if let group {
            guard let found = getgrnam(group) else { throw DeployFault("deploy.group: there is no group '\(group)'") }
            members = found.pointee.gr_gid
        }
        return (user, members)
    }

    private func failure(_ what: String, _ path: String) -> DeployFault {
        DeployFault("failed to \(what) '\(path)': \(String(cString: strerror(errno)))")
    }
}
