import CUnbound
import CygniModel
import Glibc
import Synchronization

/// libunbound on one thread of its own, which alone touches its context.
final class ResolverLoop: Sendable {
    private enum Command: Sendable {
        case add(Lookup)
        case cancel(Lookup)
        case quit
    }

    /// A lookup that libunbound works on.
    private final class Flight {
        let lookup: Lookup
        /// Which of its questions.
        let index: Int
        let due: ContinuousClock.Instant
        unowned let run: Run
        var id: Int32 = 0
        var isOver = false

        init(_ lookup: Lookup, _ index: Int, due: ContinuousClock.Instant, run: Run) {
            self.lookup = lookup
            self.index = index
            self.due = due
            self.run = run
        }
    }

    /// What only the thread knows.
    private final class Run {
        var waiting: [(lookup: Lookup, index: Int)] = []
        var firstWaiting = 0
        /// In the order they began, which is that of their deadlines; those that ended stay until they are first.
        var flights: [Flight] = []
        var firstFlight = 0
        var inFlight = 0
    }

    /// Unchecked: only the thread of ``start()`` uses them, but for `cygni_event_loop_wake`, which writes to an eventfd.
    private struct Handles: @unchecked Sendable {
        let loop: OpaquePointer
        let context: OpaquePointer
    }

    private let handles: Handles
    private let settings: ResolverSettings
    private let inbox = Mutex<[Command]>([])

    /// - Throws: ``ResolverFault`` that names the setting which libunbound refuses.
    init(_ settings: ResolverSettings) throws {
        self.settings = settings
        guard let loop = cygni_event_loop_new() else {
            throw ResolverFault("failed to start the resolver: \(String(cString: strerror(errno)))")
        }
        guard let context = ub_ctx_create_ub_event(cygni_event_loop_base(loop)) else {
            cygni_event_loop_free(loop)
            throw ResolverFault("failed to start libunbound")
        }
        handles = Handles(loop: loop, context: context)
        do {
            try Self.configure(context, settings)
        } catch {
            ub_ctx_delete(context)
            cygni_event_loop_free(loop)
            throw error
        }
    }

    private static func configure(_ context: OpaquePointer, _ settings: ResolverSettings) throws {
        func check(_ code: Int32, _ what: String) throws {
            guard code == 0 else { throw ResolverFault("\(what): \(String(cString: ub_strerror(code)))") }
        }
        for (name, value) in settings.options {
            try check(ub_ctx_set_option(context, name, value), "option \(name) \(value)")
        }
        if let hints = settings.rootHints {
            try check(ub_ctx_set_option(context, "root-hints:", hints), "root hints '\(hints)'")
        }
        for zone in settings.unsigned {
            try check(ub_ctx_set_option(context, "domain-insecure:", zone), "unsigned zone '\(zone)'")
        }
        for anchor in settings.anchors { try check(ub_ctx_add_ta(context, anchor), "trust anchor '\(anchor)'") }
        if let file = settings.anchorFile { try check(ub_ctx_add_ta_file(context, file), "trust anchors '\(file)'") }
        for address in settings.forwarders { try check(ub_ctx_set_fwd(context, address), "forwarder '\(address)'") }
        for zone in settings.stubs {
            for server in zone.servers {
                try check(
                    ub_ctx_set_stub(context, zone.name, server, 0),
                    "stub zone '\(zone.name)', server '\(server)'"
                )
            }
        }
        // libunbound says by itself that there is nothing below these (RFC 6761, 8375): an operator's own servers may know better.
        // After this no option is taken any more.
        guard !settings.forwarders.isEmpty || !settings.stubs.isEmpty else { return }
        for zone in ["test.", "home.arpa."] { try check(ub_ctx_zone_remove(context, zone), "zone '\(zone)'") }
    }

    /// Starts the thread. It ends some time after ``quit()``.
    func start() throws {
        do {
            try DetachedThread.start { self.run() }
        } catch {
            throw ResolverFault(error.description)
        }
    }

    func add(_ lookup: Lookup) { post(.add(lookup)) }
    func cancel(_ lookup: Lookup) { post(.cancel(lookup)) }
    func quit() { post(.quit) }

    private func post(_ command: Command) {
        let wasEmpty = inbox.withLock { inbox in
            defer { inbox.append(command) }
            return inbox.isEmpty
        }
        if wasEmpty { cygni_event_loop_wake(handles.loop) }
    }

    private func run() {
        let run = Run()
        var isQuitting = false
        while !isQuitting {
            let commands = inbox.withLock { inbox in
                defer { inbox = [] }
                return inbox
            }
            for command in commands {
                switch command {
                case .add(let lookup): run.waiting += lookup.questions.indices.map { (lookup, $0) }
                case .cancel(let lookup): cancel(lookup, run)
                case .quit: isQuitting = true
                }
            }
            begin(run)
            endLate(run)
            if !isQuitting { _ = cygni_event_loop_run(handles.loop, wait(run)) }
        }
        for flight in run.flights[run.firstFlight...] where !flight.isOver {
            ub_cancel(handles.context, flight.id)
            flight.lookup.end(flight.index, .cancelled)
            Unmanaged.passUnretained(flight).release()
        }
        for (lookup, index) in run.waiting[run.firstWaiting...] { lookup.end(index, .cancelled) }
        ub_ctx_delete(handles.context)
        cygni_event_loop_free(handles.loop)
    }

    /// Milliseconds until the first deadline.
    private func wait(_ run: Run) -> Int32 {
        guard run.firstFlight < run.flights.count else { return -1 }
        let left = (run.flights[run.firstFlight].due - ContinuousClock.now) / .milliseconds(1)
        return Int32(max(0, min(left + 1, 60_000)))
    }

    private func begin(_ run: Run) {
        while run.inFlight < settings.window, run.firstWaiting < run.waiting.count {
            let (lookup, index) = run.waiting[run.firstWaiting]
            run.firstWaiting += 1
            let flight = Flight(lookup, index, due: ContinuousClock.now + settings.deadline, run: run)
            run.flights.append(flight)
            run.inFlight += 1
            let box = Unmanaged.passRetained(flight)
            let code = ub_resolve_event(
                handles.context,
                lookup.names[index],
                Int32(lookup.questions[index].type.rawValue),
                1,
                box.toOpaque(),
                Self.callback,
                &flight.id
            )
            guard code != 0 else { continue }
            box.release()
            flight.isOver = true
            run.inFlight -= 1
            lookup.end(index, .failed(String(cString: ub_strerror(code))))
        }
        if run.firstWaiting > 4096 {
            run.waiting.removeFirst(run.firstWaiting)
            run.firstWaiting = 0
        }
    }

    private static let callback: ub_event_callback_type = { box, code, packet, length, security, why, _ in
        guard let box else { return }
        let flight = Unmanaged<Flight>.fromOpaque(box).takeRetainedValue()
        flight.isOver = true
        flight.run.inFlight -= 1
        let bytes = UnsafeRawBufferPointer(start: packet, count: packet == nil ? 0 : Int(length))
        let verdict: Answer.Security =
            switch security {
            case 2: .secure
            case 1: .bogus(why.map { String(cString: $0) } ?? "the validator gives no reason")
            default: .insecure
            }
        flight.lookup.end(flight.index, .packet(Array(bytes), code: UInt8(truncatingIfNeeded: code), security: verdict))
    }

    private func endLate(_ run: Run) {
        let now = ContinuousClock.now
        while run.firstFlight < run.flights.count {
            let flight = run.flights[run.firstFlight]
            guard flight.isOver || flight.due <= now else { break }
            run.firstFlight += 1
            guard !flight.isOver else { continue }
            abandon(flight, run)
            flight.lookup.end(flight.index, .timeout)
        }
        if run.firstFlight > 4096 {
            run.flights.removeFirst(run.firstFlight)
            run.firstFlight = 0
        }
        // A place is free again.
        begin(run)
    }

    /// Takes a lookup back: libunbound never calls for one that was cancelled.
    private func abandon(_ flight: Flight, _ run: Run) {
        flight.isOver = true
        run.inFlight -= 1
        ub_cancel(handles.context, flight.id)
        Unmanaged.passUnretained(flight).release()
    }

    private func cancel(_ lookup: Lookup, _ run: Run) {
        for index in lookup.questions.indices { lookup.end(index, .cancelled) }
        for flight in run.flights[run.firstFlight...] where flight.lookup === lookup && !flight.isOver {
            abandon(flight, run)
        }
        run.waiting[run.firstWaiting...].removeAll { $0.lookup === lookup }
    }
}

/// Why a resolver does not work at all.
package struct ResolverFault: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
