import ArgumentParser

/// The hosts that schedules are written for.
struct ScheduleTarget: ParsableArguments {
    @Option(help: ArgumentHelp("Where the shared settings lie on the hosts that run the jobs.", valueName: "file"))
    var installedConfig = "/etc/cygni/cygni.yaml"

    @Option(help: ArgumentHelp("Where the executables lie there.", valueName: "folder"))
    var bin = "/opt/cygni/bin"

    @Option(help: "The container image, for Kubernetes.")
    var image = "cygni:latest"

    func validate() throws {
        for (flag, value) in [("--installed-config", installedConfig), ("--bin", bin), ("--image", image)] {
            guard value.wholeMatch(of: /[A-Za-z0-9_.\/:@-]+/) != nil else {
                throw ValidationError("\(flag) has characters that the file could not hold (found '\(value)')")
            }
        }
    }
}
