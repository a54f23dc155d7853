import CygniLog
import CygniModel
import Logging

extension JobRunner {
    /// Replaces the job's `.prom` file. A failed run keeps the time of the last success; a folder that cannot be written
    /// is a warning, since the work is done.
    ///
    /// A run that was skipped writes nothing: another one is at work and will.
    func writeTextfile(_ report: RunReport, _ ledgerSuccess: Timestamp?) {
        guard let folder = settings.textfileDirectory else { return }
        let path =
            "\(folder)/cygni_\(run.job.map { $0.isLetter || $0.isNumber ? $0 : "_" }.map(String.init).joined()).prom"
        let before = AtomicFile.read(path).flatMap(Textfile.lastSuccess(in:)) ?? 0
        let success = report.outcome == .succeeded ? report.finishedAt.unixSeconds : 0
        var items = report.results
        items[.planned] = nil
        items[.kept] = nil
        let file = Textfile(
            task: run.job,
            lastSuccess: max(before, ledgerSuccess?.unixSeconds ?? 0, success),
            lastRun: report.finishedAt.unixSeconds,
            duration: (report.finishedAt - report.startedAt).inSeconds,
            exitCode: Int(report.exitStatus.code),
            expectedInterval: settings.expectedInterval?.inSeconds,
            items: [
                "done": items[.done, default: 0], "failed": items[.failed, default: 0],
            ],
            counts: report.counts.filter { !$0.key.hasPrefix("items_") }
        )
        do {
            try AtomicFile.replace(path, with: file.text)
        } catch {
            run.logger.warning("metrics not written", metadata: .init([.path: path, .error: "\(error)"]))
        }
    }
}
