import CygniJobs
import CygniModel
import CygniPostgres
import Glibc

struct ProbeJob: Job {
    static let name = "probe"

    struct Plan: JobPlan {
        let items: [PlannedItem]
        let counts: [String: Int]
    }

    struct Broken: Error, CustomStringConvertible {
        let description = "broken as asked"
    }

    let settings: ProbeSettings
    let options: ProbeOptions

    func plan(_ context: JobContext) async throws -> Plan {
        let done = try await context.read { session in
            Set(
                try session.query(Statement("probe.done", "SELECT item FROM public.done"))
                    .map { try $0.get("item", as: String.self) }
            )
        }
        let due = (0..<settings.items).map { "item-\($0)" }.filter { !done.contains($0) }
        let chosen = context.limit == 0 ? due : Array(due.prefix(context.limit))
        return Plan(
            items: chosen.map { PlannedItem(id: $0, action: "write", reason: "missing") },
            counts: ["due": due.count]
        )
    }

    func apply(_ plan: Plan, _ context: JobContext) async throws {
        let failing = options.failing.split(separator: ",").map(String.init)
        let fence = context.fence.map(Int.init)
        let seconds = settings.itemTime.inSeconds
        for item in plan.items {
            try await context.perform(item) {
                context.crashPoint("begun")
                if failing.contains(item.id) { throw Broken() }
                if options.stubborn { sleep(UInt32(seconds.rounded(.up))) }
                try await context.transaction { session in
                    // The row comes first: what is cut off in the middle must leave none.
                    try session.query(
                        Statement("probe.write", "INSERT INTO public.done (item, fence) VALUES ($1, $2)"),
                        item.id,
                        fence
                    )
                    try session.query(Statement("probe.sleep", "SELECT 1 FROM pg_sleep($1)"), seconds)
                    context.crashPoint("written")
                }
                context.count("written")
                context.crashPoint("committed")
            }
        }
        if options.broken { throw Broken() }
    }
}
