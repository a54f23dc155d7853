import CygniModel
import CygniPostgres
import CygniTestSupport
import Foundation
import Testing

/// Every type we send and read goes to the server and comes back the same.
@Suite struct TypeTests {
    /// Sends a value, has the server cast it, and compares both what comes back and how the server itself writes it.
    private func roundTrip<Value: PostgresBindable & PostgresDecodable & Equatable>(
        _ session: Session,
        _ type: String,
        _ values: [(Value, String)]
    ) throws {
        let statement = Statement("round_trip", "SELECT $1::\(type) AS value, $1::\(type)::text AS written")
        for (value, written) in values {
            for rows in [try session.query(statement, value), try session.queryPrepared(statement, value)] {
                #expect(try rows[0].get("value", as: Value.self) == value, "\(type) \(written)")
                #expect(try rows[0].get("written", as: String.self) == written, "\(type) \(written)")
            }
        }
        let null = try session.query(statement, nil)
        #expect(try null[0].get("value", as: Value?.self) == nil)
        #expect(throws: PostgresError.self) { try null[0].get("value", as: Value.self) }
    }

    @Test func numbers() async throws {
        try await withDatabase { database in
            try await database.connect().access { session in
                try roundTrip(
                    session,
                    "int8",
                    [(Int.min, "-9223372036854775808"), (0, "0"), (.max, "9223372036854775807")]
                )
                try roundTrip(session, "int8", [(Int64(-1), "-1")])
                try roundTrip(session, "int4", [(Int32.min, "-2147483648"), (.max, "2147483647")])
                try roundTrip(session, "int2", [(Int16.min, "-32768"), (.max, "32767")])
                try roundTrip(session, "bool", [(true, "true"), (false, "false")])
                try roundTrip(
                    session,
                    "float8",
                    [
                        (0.1, "0.1"), (Double.greatestFiniteMagnitude, "1.7976931348623157e+308"),
                        (Double.leastNonzeroMagnitude, "5e-324"), (-Double.infinity, "-Infinity"),
                    ]
                )
                try roundTrip(session, "float4", [(Float(1.5), "1.5"), (.infinity, "Infinity")])
                let nan = try session.query(Statement("nan", "SELECT $1::float8 AS value"), Double.nan)
                #expect(try nan[0].get("value", as: Double.self).isNaN)
            }
        }
    }

    @Test func numeric() async throws {
        let long = String(repeating: "9", count: 1000)
        let texts = [
            "0", "0.00", "1", "-1", "10000", "9999", "100000000", "0.0001", "-0.00010", "12345678.87654321", "1e-20",
            "NaN", "Infinity", "-Infinity", long, "-\(long).\(long)", "0.\(String(repeating: "0", count: 900))1",
        ]
        try await withDatabase { database in
            try await database.connect().access { session in
                for text in texts {
                    let statement = Statement("numeric", "SELECT $1 AS value, ($1)::text AS written")
                    let row = try session.query(statement, NumericText(text))[0]
                    #expect(try row.get("value", as: NumericText.self).text == row.get("written", as: String.self))
                }
                let array = try session.query(Statement("array", "SELECT '{1.5,NULL,-20000}'::numeric[] AS value"))[0]
                #expect(
                    try array.get("value", as: [NumericText?].self) == [NumericText("1.5"), nil, NumericText("-20000")]
                )
            }
        }
    }

    @Test func textAndBytes() async throws {
        try await withDatabase { database in
            try await database.execute("CREATE TYPE mood AS ENUM ('good', 'so-so')")
            try await database.connect().access { session in
                try roundTrip(session, "text", [("", ""), ("snö \u{1F404} '\\\n\t", "snö \u{1F404} '\\\n\t")])
                try roundTrip(session, "varchar", [("a", "a")])
                try roundTrip(session, "mood", [("so-so", "so-so")])
                let all = Bytes((0...255).map { UInt8($0) })
                try roundTrip(session, "bytea", [(all, "\\x" + all.bytes.map { String(format: "%02x", $0) }.joined())])
                try roundTrip(session, "bytea", [(Bytes([]), "\\x")])
                try roundTrip(session, "jsonb", [(JSONText(#"{"a": [1, null, "ü"]}"#), #"{"a": [1, null, "ü"]}"#)])
                let id = UUID()
                try roundTrip(session, "uuid", [(id, id.uuidString.lowercased())])
                // Neither is cut at the NUL in silence.
                let text = Statement("text", "SELECT $1::text AS value")
                #expect(throws: PostgresError.self) { try session.query(text, "a\0b") }
                #expect(throws: PostgresError.self) { try session.script("SELECT 1\0; SELECT 2", name: "script") }
            }
        }
    }

    @Test func times() async throws {
        try await withDatabase { database in
            try await database.connect().access { session in
                try roundTrip(
                    session,
                    "timestamptz",
                    [
                        (Timestamp(microseconds: 0), "1970-01-01 00:00:00+00"),
                        (Timestamp(microseconds: -1), "1969-12-31 23:59:59.999999+00"),
                        (Timestamp(microseconds: 1_795_000_000_123_456), "2026-11-18 11:06:40.123456+00"),
                        (Timestamp(microseconds: -62_135_596_800_000_000), "0001-01-01 00:00:00+00"),
                        (Timestamp(microseconds: 253_402_300_799_999_999), "9999-12-31 23:59:59.999999+00"),
                    ]
                )
                let day = CivilDate(daysSinceEpoch: -719_162)
                try roundTrip(session, "date", [(day, "0001-01-01"), (CivilDate(daysSinceEpoch: 0), "1970-01-01")])
                let time = Statement("time", "SELECT $1::timestamptz AS value")
                #expect(throws: PostgresError.self) { try session.query(time, Timestamp(microseconds: .min)) }
                for text in ["infinity", "-infinity", "294276-12-31 23:59:59.999999+00"] {
                    let row = try session.query(time, text)[0]
                    #expect(throws: PostgresError.self) { try row.get("value", as: Timestamp.self) }
                }
            }
        }
    }

    @Test func arrays() async throws {
        try await withDatabase { database in
            try await database.connect().access { session in
                try roundTrip(session, "int8[]", [([Int](), "{}"), ([1, -2], "{1,-2}")])
                try roundTrip(session, "int4[]", [([Int32?](arrayLiteral: 1, nil), "{1,NULL}")])
                try roundTrip(session, "float8[]", [([0.5, nil] as [Double?], "{0.5,NULL}")])
                try roundTrip(session, "bool[]", [([true, nil, false] as [Bool?], "{t,NULL,f}")])
                try roundTrip(
                    session,
                    "text[]",
                    [(["", "NULL", nil, "a,b\"c"] as [String?], #"{"","NULL",NULL,"a,b\"c"}"#)]
                )
                try roundTrip(session, "uuid[]", [([UUID](), "{}")])
                try roundTrip(session, "bytea[]", [([Bytes([0]), nil] as [Bytes?], #"{"\\x00",NULL}"#)])
                try roundTrip(session, "jsonb[]", [([JSONText("1"), nil] as [JSONText?], "{1,NULL}")])
                try roundTrip(session, "date[]", [([CivilDate(daysSinceEpoch: 0)], "{1970-01-01}")])
                try roundTrip(
                    session,
                    "timestamptz[]",
                    [([Timestamp(microseconds: 1), nil] as [Timestamp?], #"{"1970-01-01 00:00:00.000001+00",NULL}"#)]
                )
                var (times, ids, texts) = (ArrayBuilder.times, ArrayBuilder.uuids, ArrayBuilder.texts)
                var (documents, numbers) = (ArrayBuilder.documents, ArrayBuilder.numbers)
                let id = UUID()
                let moments = [Timestamp(microseconds: 1), Timestamp(microseconds: -62_135_596_800_000_000)]
                for moment in moments { times.append(moment) }
                ids.append(id)
                ids.appendNull()
                texts.append(Array("é,\"".utf8))
                Array(#"{"a":[1.50]}"#.utf8).withUnsafeBytes { documents.append(document: $0) }
                numbers.append(-0.5)
                numbers.append(.nan)
                for (type, built, plain) in [
                    ("timestamptz", times, moments), ("uuid", ids, [id, nil] as [UUID?]), ("text", texts, ["é,\""]),
                    ("jsonb", documents, [JSONText(#"{"a":[1.50]}"#)]), ("float8", numbers, [-0.5, .nan]),
                    ("text", ArrayBuilder.texts, [String]()),
                ] as [(String, ArrayBuilder, any PostgresBindable)] {
                    let same = Statement("same", "SELECT $1::\(type)[] IS NOT DISTINCT FROM $2::\(type)[] AS value")
                    #expect(try session.query(same, built, plain)[0].get("value", as: Bool.self), "\(type)")
                }
                let row = try session.query(
                    Statement("arrays", "SELECT '{1,NULL}'::int8[] AS with_null, '{{1},{2}}'::int8[] AS square")
                )[0]
                #expect(throws: PostgresError.self) { try row.get("with_null", as: [Int].self) }
                #expect(throws: PostgresError.self) { try row.get("square", as: [Int].self) }
            }
        }
    }

    /// A binary form that is no text must not come out as a string of rubbish.
    @Test("Types without a readable form are refused", arguments: ["inet", "interval", "timestamp", "int4[]", "tid"])
    func unreadable(type: String) async throws {
        let sample = [
            "inet": "10.0.0.1", "interval": "1 day", "timestamp": "2026-01-01", "int4[]": "{1}", "tid": "(0,1)",
        ]
        let text = try #require(sample[type])
        let row = Statement("row", "SELECT '\(text)'::\(type) AS value, 1 AS number")
        try await withDatabase { database in
            try await database.connect().access { session in
                let rows = try session.query(row)
                let error = #expect(throws: PostgresError.self) { try rows[0].get("value", as: String.self) }
                #expect(error?.kind == .client)
                #expect(throws: PostgresError.self) { try rows[0].get("missing", as: Int.self) }
                #expect(throws: PostgresError.self) { try rows[0].get("number", as: String.self) }
            }
        }
    }

    @Test func rowsAsJSON() async throws {
        try await withDatabase { database in
            try await database.connect().access { session in
                let rows = try session.query(
                    Statement(
                        "json",
                        #"""
                        SELECT true AS t, 1::int2 AS a, -2::int4 AS b, 9007199254740993 AS c, 1.5::float8 AS d, 'NaN'::float4 AS e,
                            E'quote " \\ \n'::text AS "na""me", 'x'::varchar AS v, 'n'::name AS n, NULL::int AS none,
                            'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid AS id, '1969-12-31 23:59:59.9876Z'::timestamptz AS at,
                            ARRAY['a"', NULL] AS list, '{}'::text[] AS empty
                        """#
                    )
                )
                #expect(
                    try rows[0].json().text == #"{"t":true,"a":1,"b":-2,"c":9007199254740993,"d":1.5,"e":null,"#
                        + #""na\"me":"quote \" \\ \n","v":"x","n":"n","none":null,"#
                        + #""id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","at":"1969-12-31T23:59:59.987Z","#
                        + #""list":["a\"",null],"empty":[]}"#
                )
                for other in ["'{}'::jsonb", "1::numeric", "now()::timestamp", "'infinity'::timestamptz", "ARRAY[1]"] {
                    let row = try session.query(Statement("other", "SELECT 1 AS one, \(other) AS odd"))[0]
                    let error = #expect(throws: PostgresError.self) { try row.json() }
                    #expect("\(error as Any)".contains("column 'odd'") && "\(error as Any)".contains("other"))
                }
            }
        }
    }

    /// In any order, again and again, and of more than one row.
    @Test func columnsAreFoundByName() async throws {
        try await withDatabase { database in
            try await database.connect().access { session in
                let rows = try session.query(
                    Statement("columns", "SELECT n AS a, n + 10 AS b, n + 20 AS c FROM generate_series(1, 2) AS n")
                )
                for name in ["a", "b", "c", "c", "a", "c", "b", "b", "a"] {
                    let place = Int32(["a": 0, "b": 10, "c": 20][name] ?? 0)
                    #expect(try rows[0].get(name) == place + 1 && rows[1].get(name) == place + 2, "\(name)")
                }
                let error = #expect(throws: PostgresError.self) { try rows[0].get("d", as: Int32.self) }
                #expect("\(error as Any)".contains("no column 'd'"))
                let nothing = try session.query(Statement("nothing", "SELECT"))
                #expect(throws: PostgresError.self) { try nothing[0].get("a", as: Int32.self) }
                #expect(try nothing[0].json().text == "{}")
            }
        }
    }
}
