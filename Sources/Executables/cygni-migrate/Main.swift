import SchemaMigration

@main
struct Main {
    static func main() async {
        await CygniMigrate.start()
    }
}
