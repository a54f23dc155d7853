import CygniModel
import CygniPostgres
import CygniTestSupport
import MetricsRollup
import Testing

/// Percentiles against the exact ones, computed by the server from the raw samples in another way.
struct PercentileTests {
    /// (g - 1) / (g + 1) for g = 2^(1/8), and what ln() may be off at a bucket's edge.
    private let bound = 0.0432947

    @Test(arguments: ["1m", "1h", "1d"])
    func `estimates are within the bound at every level, for values of any sign and size`(level: String) async throws {
        try await RollupWorld.with { world in
            try await world.execute(
                """
                SELECT setseed(0.42);
                INSERT INTO cygni.metric_samples
                SELECT '2026-11-21Z'::timestamptz + random() * interval '24 hours', md5('t1')::uuid, md5('p1')::uuid, shape, CASE shape
                    WHEN 'positive' THEN exp(random() * 40 - 20)
                    WHEN 'negative' THEN -exp(random() * 10)
                    WHEN 'mixed' THEN (random() - 0.5) * 1000
                    WHEN 'zeros' THEN (random() * 3)::integer - 1
                    WHEN 'powers' THEN power(2, (random() * 20)::integer - 10)
                    WHEN 'constant' THEN 7.25
                    WHEN 'extreme' THEN (CASE WHEN random() < 0.5 THEN -1 ELSE 1 END) * power(10::float8, random() * 500 - 250)
                END
                FROM unnest(ARRAY['positive', 'negative', 'mixed', 'zeros', 'powers', 'constant', 'extreme']) AS shape, generate_series(1, 6000)
                """
            )
            try await world.run("2026-11-22T10:20:00Z")
            let unit = ["1m": "minute", "1h": "hour", "1d": "day"][level] ?? ""
            let wrong = try await world.texts(
                """
                SELECT format('%s %s: p%s is %s, exact %s', e.metric, e.bucket, round(e.q * 100), v.estimate, e.exact) AS value
                FROM (
                    SELECT metric, date_trunc('\(unit)', ts, 'UTC') AS bucket, q, percentile_disc(q) WITHIN GROUP (ORDER BY value) AS exact
                    FROM cygni.metric_samples, unnest(ARRAY[0.50, 0.95, 0.99]::float8[]) AS q GROUP BY metric, 2, q
                ) AS e
                LEFT JOIN cygni.metrics_\(level) AS m USING (metric, bucket)
                CROSS JOIN LATERAL (SELECT CASE e.q WHEN 0.50 THEN m.p50 WHEN 0.95 THEN m.p95 ELSE m.p99 END AS estimate) AS v
                WHERE (abs(v.estimate - e.exact) <= \(bound) * abs(e.exact) + 2.94e-39) IS NOT TRUE
                """
            )
            #expect(wrong.isEmpty, "\(wrong.prefix(5))")
            #expect(try await world.totals(level).hasSuffix("/42000"))
        }
    }

    @Test func `quantiles over days come from merged counts and keep the bound`() async throws {
        try await RollupWorld.with { world in
            try await world.execute(
                """
                SELECT setseed(0.7);
                INSERT INTO cygni.metric_samples
                SELECT ts, md5('t1')::uuid, md5('p' || (1 + (random() * 2)::integer))::uuid, 'latency', exp(3 + 2 * random() + sin(extract(epoch FROM ts) / 9000))
                FROM generate_series('2026-11-18Z'::timestamptz, '2026-11-22Z', interval '30 seconds') AS ts
                """
            )
            try await world.run("2026-11-22T10:20:00Z")
            let wrong = try await world.texts(
                """
                SELECT quantile || ': ' || value AS value
                FROM cygni.metric_quantiles('{0, 0.5, 0.9, 0.95, 0.99, 1}', md5('t1')::uuid, 'latency', '2026-11-18Z', '2026-11-22Z')
                JOIN (
                    SELECT q AS quantile, percentile_disc(q) WITHIN GROUP (ORDER BY s.value) AS exact
                    FROM cygni.metric_samples AS s, unnest('{0, 0.5, 0.9, 0.95, 0.99, 1}'::float8[]) AS q
                    WHERE s.ts < '2026-11-22Z' GROUP BY q
                ) AS e USING (quantile)
                WHERE (abs(value - exact) <= \(bound) * exact) IS NOT TRUE
                """
            )
            #expect(wrong.isEmpty, "\(wrong)")
        }
    }

    @Test(arguments: [
        ("2026-11-18Z", "2026-11-20Z"), ("2026-11-18 05:00Z", "2026-11-20 07:00Z"),
        ("2026-11-18 05:00Z", "2026-11-18 09:00Z"),
        ("2026-11-18 05:00Z", "2026-11-19Z"), ("2026-11-19Z", "2026-11-19 01:00Z"), ("-infinity", "infinity"),
        ("2026-11-19Z", "2026-11-19Z"),
    ])
    func `quantiles count each sample of their span once, for one metric or all`(span: (String, String)) async throws {
        try await RollupWorld.with { world in
            try await world.fill("2026-11-17 00:00Z", "2026-11-21 00:00Z", every: "1 hour")
            try await world.run("2026-11-22T10:20:00Z")
            for metric in ["'m1'", "NULL"] {
                let quantiles = try await world.texts(
                    """
                    SELECT metric || ' ' || count AS value
                    FROM cygni.metric_quantiles('{0.5}', md5('t1')::uuid, \(metric), '\(span.0)', '\(span.1)') ORDER BY 1
                    """
                )
                let counted = try await world.texts(
                    """
                    SELECT metric || ' ' || count(*) AS value FROM cygni.metric_samples
                    WHERE tenant_id = md5('t1')::uuid AND metric = coalesce(\(metric), metric) AND ts >= '\(span.0)' AND ts < '\(span.1)'
                    GROUP BY metric ORDER BY 1
                    """
                )
                #expect(quantiles == counted)
            }
        }
    }

    @Test func `NaN, infinities and values too large to add are counted apart`() async throws {
        try await RollupWorld.with { world in
            for value in ["NaN", "NaN", "Infinity", "-Infinity", "1e300", "-1e300", "1.7e308", "3", "-0"] {
                try await world.sample("2026-11-22 08:00:30Z", value)
            }
            try await world.run("2026-11-22T10:20:00Z")
            for level in ["1m", "1h", "1d"] {
                let counts = try await world.text(
                    """
                    SELECT concat_ws(' ', count, sum, min, max, nan_count, positive_infinity_count, negative_infinity_count) AS value
                    FROM cygni.metrics_\(level)
                    """
                )
                #expect(counts == "2 3 0 3 2 3 2" || counts == "2 3 -0 3 2 3 2")
            }
        }
    }

    @Test func `a bucket's key agrees with Prometheus' definition`() async throws {
        try await RollupWorld.with { world in
            // A power of two is the upper bound of its own bucket; the next float belongs to the next one.
            let keys = try await world.texts(
                """
                SELECT cygni.histogram_key(v)::integer::text AS value FROM unnest(ARRAY[
                    1, 2, 0.5, 2.000001, 1.9999999, -1, -2, 0, 1e-40, 1e290, -1e290]::float8[]) WITH ORDINALITY AS u (v, n) ORDER BY n
                """
            )
            #expect(keys.prefix(8) == ["16384", "16392", "16376", "16393", "16392", "-16384", "-16392", "0"])
            #expect(keys[8] == "0")
            #expect(Int(keys[9]) == Int(keys[10]).map { -$0 })
        }
    }
}
