import CygniModel
import Testing

@testable import SchemaMigration

@Suite struct NewMigrationTests {
    @Test(arguments: [
        ("add domains", [], "0001_add_domains.sql"),
        ("Add-Domains!", ["0007_x.sql"], "0008_add_domains.sql"),
        ("a", ["9_x.sql", "10_y.sql"], "11_a.sql"),
        ("../../etc/passwd", ["1_x.sql"], "2_etc_passwd.sql"),
        ("größe", [], "0001_gr_e.sql"),
        ("a", ["20200101000000_x.sql"], "20261122031700_a.sql"),
        ("a", ["20991231235959_x.sql"], "20991231235960_a.sql"),
    ])
    func followsTheFoldersHabit(name: String, existing: [String], file: String) throws {
        let now = try #require(Timestamp(parsing: "2026-11-22T03:17:00Z"))
        #expect(NewMigration(name, existing: existing, now: now)?.fileName == file)
    }

    @Test func aNameWithoutALetterIsRefused() {
        #expect(NewMigration("?!", existing: [], now: Timestamp(seconds: 0)) == nil)
    }
}
