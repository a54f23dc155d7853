/// What a Docker-compatible engine answers, as far as it matters here.
enum DockerReply {
    /// `FROM` hands labels on, and anybody can give an image a second name: what the label does not name is not ours.
    ///
    /// - Returns: the tags that ``Label/imageName`` names, each as the engine spells it.
    static func ownTags(_ tags: [String]?, _ labels: [String: String]?) -> [String] {
        let names = (labels?[Label.imageName] ?? "").split(separator: " ")
        let spelled = Set(
            names.flatMap { name in ["", "localhost/", "docker.io/", "docker.io/library/"].map { $0 + name } }
        )
        return (tags ?? []).filter(spelled.contains)
    }

    struct Container: Decodable {
        struct Attached: Decodable {
            struct Network: Decodable {
                let id: String?
                enum CodingKeys: String, CodingKey { case id = "NetworkID" }
            }
            let networks: [String: Network]?
            enum CodingKeys: String, CodingKey { case networks = "Networks" }
        }

        let id: String
        let names: [String]?
        let imageID: String?
        let labels: [String: String]?
        let attached: Attached?

        var name: String { names?.first.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 } ?? id }

        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case names = "Names"
            case imageID = "ImageID"
            case labels = "Labels"
            case attached = "NetworkSettings"
        }
    }

    struct Network: Decodable {
        let id: String
        let name: String
        let labels: [String: String]?
        let created: String?
        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case name = "Name"
            case labels = "Labels"
            case created = "Created"
        }
    }

    struct Volumes: Decodable {
        let volumes: [Volume]?
        let warnings: [String]?
        enum CodingKeys: String, CodingKey {
            case volumes = "Volumes"
            case warnings = "Warnings"
        }
    }

    struct Volume: Decodable {
        struct Usage: Decodable {
            let size: Int64
            enum CodingKeys: String, CodingKey { case size = "Size" }
        }
        let name: String
        let labels: [String: String]?
        let created: String?
        let usage: Usage?
        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case labels = "Labels"
            case created = "CreatedAt"
            case usage = "UsageData"
        }
    }

    struct Image: Decodable {
        let id: String
        let parent: String?
        let tags: [String]?
        let labels: [String: String]?
        /// Seconds since 1970.
        let created: Int64?
        let size: Int64?

        /// The deployment it was built for.
        var owner: String? { labels?[Label.image.deployment] }

        /// Those of its names that its label says, so that it is by none of them another image, built from that one.
        var ownTags: [String] { DockerReply.ownTags(tags, labels) }

        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case parent = "ParentId"
            case tags = "RepoTags"
            case labels = "Labels"
            case created = "Created"
            case size = "Size"
        }
    }

    /// Networks and volumes have labels at the top, containers and images in Config.
    struct Inspected: Decodable {
        struct Config: Decodable {
            let labels: [String: String]?
            enum CodingKeys: String, CodingKey { case labels = "Labels" }
        }
        let id: String?
        let tags: [String]?
        let labels: [String: String]?
        let config: Config?
        var allLabels: [String: String] { config?.labels ?? labels ?? [:] }
        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case tags = "RepoTags"
            case labels = "Labels"
            case config = "Config"
        }
    }

    struct BuildCache: Decodable {
        let id: String
        let kind: String?
        let isInUse: Bool?
        let size: Int64?
        let created: String?
        let lastUsed: String?
        enum CodingKeys: String, CodingKey {
            case id = "ID"
            case kind = "Type"
            case isInUse = "InUse"
            case size = "Size"
            case created = "CreatedAt"
            case lastUsed = "LastUsedAt"
        }
    }

    struct DiskUse: Decodable {
        let layers: Int64?
        let images: [Image]?
        let volumes: [Volume]?
        let cache: [BuildCache]?
        enum CodingKeys: String, CodingKey {
            case layers = "LayersSize"
            case images = "Images"
            case volumes = "Volumes"
            case cache = "BuildCache"
        }
    }
}
