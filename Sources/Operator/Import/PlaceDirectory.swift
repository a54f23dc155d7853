import CygniIntake
import FoundationEssentials

/// A tenant's project, as rows of one import refer to it: by a small number.
struct Place: Hashable, Sendable {
    let number: Int32
    let tenant: Owner
    let project: Owner

    /// A tenant or a project, there already or still to be made.
    enum Owner: Hashable, Sendable {
        case known(UUID)
        case missing(slug: String)
    }
}

/// Who and what there is in the database; finds the place that a row belongs to.
struct PlaceDirectory: Sendable {
    struct Tenant: Sendable {
        var id: UUID
        /// Ids by slug.
        var projects: [String: UUID] = [:]
    }

    enum Policy: Sendable {
        /// A row of an unknown place is rejected.
        case refuse
        /// It is to be made.
        case create
        /// A dry run without a database: every name that could be right is taken.
        case assume
    }

    private let tenants: [String: Tenant]
    private let slugs: [UUID: String]
    private let policy: Policy
    private var places: [String: Int32] = [:]
    private var lastTenant: [UInt8] = []
    private var lastProject: [UInt8] = []
    private var last: Int32 = -1

    /// Tenants and projects that one import may name: a column taken for another must not make millions.
    static let placeLimit = 100_000

    /// - Parameter tenants: by slug.
    init(_ tenants: [String: Tenant] = [:], policy: Policy) {
        self.tenants = tenants
        self.policy = policy
        slugs = Dictionary(tenants.map { ($0.value.id, $0.key) }) { first, _ in first }
    }

    /// The number of a place; one that is new goes to the batch as well.
    mutating func number(
        tenant: ByteView,
        project: ByteView,
        _ batch: inout CopyBatch
    ) throws(RowFault) -> Int32 {
        if last >= 0, lastProject.elementsEqual(project), lastTenant.elementsEqual(tenant) { return last }
        let tenantName = tenant.trimmed.text.lowercased()
        let projectName = project.trimmed.text.lowercased()
        let key = "\(tenantName)/\(projectName)"
        let number: Int32
        if let known = places[key] {
            number = known
        } else {
            guard places.count < Self.placeLimit else {
                throw RowFault("tenant: the file names more than \(Self.placeLimit) tenants and projects")
            }
            number = Int32(places.count)
            let place = try make(number, tenantName, projectName)
            places[key] = number
            batch.newPlaces.append(place)
        }
        lastTenant = Array(tenant)
        lastProject = Array(project)
        last = number
        return number
    }

    private func make(_ number: Int32, _ tenantName: String, _ projectName: String) throws(RowFault) -> Place {
        let slug = UUID(uuidString: tenantName).flatMap { slugs[$0] } ?? tenantName
        let known = tenants[slug]
        let tenant = try owner(known?.id, "tenant", tenantName)
        if let id = UUID(uuidString: projectName), known?.projects.values.contains(id) == true {
            return Place(number: number, tenant: tenant, project: .known(id))
        }
        let project = try owner(known?.projects[projectName], "project", projectName)
        return Place(number: number, tenant: tenant, project: project)
    }

    private func owner(_ id: UUID?, _ what: String, _ name: String) throws(RowFault) -> Place.Owner {
        if let id { return .known(id) }
        guard Self.isSlug(name) else {
            throw RowFault("\(what): '\(name)' is not a slug: a-z, 0-9, '.', '_', '-', at most 63 long")
        }
        guard policy != .refuse else {
            throw RowFault("\(what): there is no \(what) '\(name)'; --create makes it")
        }
        guard policy == .assume || UUID(uuidString: name) == nil else {
            throw RowFault("\(what): there is no \(what) with the id '\(name)'")
        }
        return .missing(slug: name)
    }

    /// As the database checks it: `[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?`.
    static func isSlug(_ name: String) -> Bool {
        let ends = { (value: UInt8) in value.isDigit || (byte("a")...byte("z")).contains(value) }
        let bytes = Array(name.utf8)
        guard let first = bytes.first, let final = bytes.last, bytes.count <= 63, ends(first), ends(final) else {
            return false
        }
        return bytes.allSatisfy { ends($0) || $0 == byte(".") || $0 == byte("_") || $0 == byte("-") }
    }
}
