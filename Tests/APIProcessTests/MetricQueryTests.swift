import CygniTestSupport
import Foundation
import Testing

/// Metrics out of the roll-ups, against values that were worked out by hand.
@Suite struct MetricQueryTests {
    @Test func pointsAreWhatTheSamplesMake() async throws {
        try await withServer { server in
            // Three minutes of yesterday's noon: 1 to 100, nothing, and 7 twice with a NaN; another project's, another tenant's.
            try await server.owner(
                """
                SELECT cygni.ensure_partitions('metric_samples', (now() AT TIME ZONE 'UTC')::date - 2, (now() AT TIME ZONE 'UTC')::date);
                CREATE TEMP TABLE noon AS SELECT date_bin('1 day', now(), 'epoch') - interval '12 hours' AS at;
                INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
                SELECT at + n * interval '0.5 seconds', md5('acme')::uuid, md5('acme web')::uuid, 'latency', n FROM noon, generate_series(1, 100) AS n;
                INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
                SELECT at + interval '130 seconds', md5('acme')::uuid, md5('acme web')::uuid, 'latency', v FROM noon, unnest('{7,7,NaN}'::float8[]) AS v;
                INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
                SELECT at, md5('acme')::uuid, md5('another')::uuid, 'latency', 1000 FROM noon;
                INSERT INTO cygni.metric_samples (ts, tenant_id, project_id, metric, value)
                SELECT at, md5('bolt')::uuid, md5('bolt web')::uuid, 'latency', 5555 FROM noon;
                """
            )
            let rolled = try await server.tool([], "cygni-metrics-rollup")
            #expect(rolled.status == 0, "\(rolled)")
            let noon = try await server.text(
                "SELECT to_char(date_bin('1 day', now(), 'epoch') - interval '12 hours', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
            )
            let hour = String(noon.prefix(13))
            let project = try await server.text("md5('acme web')::uuid")
            let token = try await server.token("viewer")
            func query(_ rest: String, token: String) async throws -> (ServedAPI.Answer, [[String: Any]]) {
                let answer = try await server.get("/v2/metrics/query?metric=latency&\(rest)", token: token)
                return (answer, answer.json["points"] as? [[String: Any]] ?? [])
            }
            let range = "from=\(noon)&to=\(hour):03:00Z"
            let (answer, points) = try await query(
                "\(range)&step=60&project=\(project)&percentiles=50,95,99.9",
                token: token
            )
            #expect(answer.status == 200 && answer.json["level"] as? String == "1m" && points.count == 2, "\(answer)")
            let (first, last) = (try #require(points.first), try #require(points.last))
            #expect(first["at"] as? String == "\(hour):00:00.000Z" && last["at"] as? String == "\(hour):02:00.000Z")
            #expect(first["count"] as? Int == 100 && first["sum"] as? Double == 5050 && first["avg"] as? Double == 50.5)
            #expect(first["min"] as? Double == 1 && first["max"] as? Double == 100 && first["not_finite"] as? Int == 0)
            let percentiles = try #require(first["percentiles"] as? [String: Double])
            for (name, exact) in [("50", 50.0), ("95", 95), ("99.9", 100)] {
                #expect(abs((percentiles[name] ?? 0) - exact) <= 0.0433 * exact, "\(name): \(percentiles)")
            }
            #expect(
                last["count"] as? Int == 2 && last["avg"] as? Double == 7 && last["not_finite"] as? Int == 1,
                "\(last)"
            )
            #expect((last["percentiles"] as? [String: Double])?["95"] == 7)
            // The same in one point of an hour and of a day, all projects together.
            for (step, level) in [(3600, "1h"), (86_400, "1d")] {
                let (answer, points) = try await query("\(range)&step=\(step)", token: token)
                #expect(answer.json["level"] as? String == level && points.count == 1, "\(answer)")
                #expect(points.first?["count"] as? Int == 103 && points.first?["max"] as? Double == 1000, "\(answer)")
                #expect(points.first?["sum"] as? Double == 6064, "\(answer)")
            }
            let (_, theirs) = try await query(
                "\(range)&step=3600",
                token: try await server.token("viewer", tenant: "bolt")
            )
            #expect(theirs.count == 1 && theirs.first?["sum"] as? Double == 5555)
            for wrong in [
                "step=61", "step=60&from=2020-01-01T00:00:00Z", "percentiles=100", "percentiles=50,50",
                "to=2000-01-01T00:00:00Z&from=2001-01-01T00:00:00Z",
            ] {
                #expect(try await query(wrong, token: token).0.status == 400, "\(wrong)")
            }
            #expect(try await server.get("/v2/metrics/query", token: token).text.contains("query/metric"))
        }
    }
}
