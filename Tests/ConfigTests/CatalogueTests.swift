import Testing

@testable import CygniConfig

@Suite("The catalogue of keys")
struct CatalogueTests {
    static let catalogue = ConfigCatalogue([.shared, .job("sample", SampleSettings.Limits.self)])

    @Test("A key is explained")
    func key() throws {
        let expected = """
            database.pool: a whole number from 1 to 64

              Connections this process may open at once.

              default   4
              example   pool: 4
              file      cygni.yaml

            """
        #expect(try Self.catalogue.explain("database.pool") == expected)
        #expect(try Self.catalogue.explain("shared.database.pool") == expected)
    }

    @Test("A secret and a key of a job are explained")
    func others() throws {
        let secret = """
            database.password: a reference to a secret, {env: NAME} or {file: PATH}

              The password, as a reference; it wins over one in the URL.

              secret    yes: the file holds a reference, and only that is ever printed
              default   none, it may be left out
              example   password: {env: CYGNI_DATABASE_PASSWORD}
              file      cygni.yaml

            """
        #expect(try Self.catalogue.explain("database.password") == secret)
        let job = """
            jobs.sample.low: a whole number from 0 to 100

              The lower limit.

              default   1
              example   low: 1
              file      jobs/sample.yaml

            """
        #expect(try Self.catalogue.explain("jobs.sample.low") == job)
    }

    @Test("A section lists its keys")
    func section() throws {
        let expected = """
            log: a mapping of keys

              What is logged to stderr, and how.

              file      cygni.yaml

              log.level   The least severe level that is logged (default info)
              log.format  How a line of the log is written (default auto)

            """
        #expect(try Self.catalogue.explain("log") == expected)
    }

    @Test("Every documented key is explained, and says something")
    func all() throws {
        #expect(Self.catalogue.paths.count > 30)
        for path in Self.catalogue.paths {
            #expect(try Self.catalogue.explain(path).count > path.count + 40)
        }
        for document in Self.catalogue.documents {
            for key in document.keys {
                #expect(key.doc.hasSuffix("."), "\(key.path) has no sentence")
                #expect(key.isSection || key.isRequired || key.defaultText != nil || key.example != nil, "\(key.path)")
                #expect(Self.catalogue.overview.contains(key.isSection ? key.key : key.path))
            }
        }
    }

    @Test(
        "An unknown path suggests a known one",
        arguments: [
            ("database.pol", "no configuration key 'database.pol'; did you mean 'database.pool'?"),
            ("pool", "no configuration key 'pool'; did you mean 'database.pool'?"),
            ("schedule", "no configuration key 'schedule'; did you mean 'jobs.sample.schedule'?"),
            ("jobs.sampel", "no configuration key 'jobs.sampel'; did you mean 'jobs.sample'?"),
            ("", "no configuration key ''; 'cygni config explain' lists all keys"),
            ("quite.another", "no configuration key 'quite.another'; 'cygni config explain' lists all keys"),
        ]
    )
    func unknown(path: String, expected: String) {
        let error = #expect(throws: UnknownConfigKey.self) { try Self.catalogue.explain(path) }
        #expect(error?.description == expected)
    }

    @Test("The examples of all keys load")
    func examples() throws {
        for document in Self.catalogue.documents {
            for key in document.keys where key.example != nil {
                var text = key.path.split(separator: ".").joined(separator: ": {") + ": " + (key.example ?? "")
                text += String(repeating: "}", count: key.path.split(separator: ".").count - 1)
                let faults = Self.faults(document.name == "shared", text)
                #expect(faults.filter { $0.contains(" \(key.path): ") } == [], "\(text)")
            }
        }
    }

    private static func faults(_ isShared: Bool, _ text: String) -> [String] {
        let environment = ["CYGNI_DATABASE_PASSWORD": "x", "AWS_ACCESS_KEY_ID": "x"]
        let faults =
            isShared
            ? ConfigTests.faults(SharedSettings.self, text, environment)
            : ConfigTests.faults(JobFile<SampleSettings.Limits>.self, text, environment)
        // The file of an example is not there.
        return faults.filter { !$0.contains("must be a readable file") && !$0.contains("must be left out for a file") }
    }

    @Test("The JSON Schema of a small file, whole")
    func schema() {
        let catalogue = ConfigCatalogue([ConfigDocument("tiny", file: "tiny.yaml", Tiny.self, "A tiny file.")])
        let expected = #"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "Cygni configuration",
              "anyOf": [
                {
                  "$ref": "#/$defs/tiny"
                }
              ],
              "$defs": {
                "interpolated": {
                  "description": "A text that ${VAR} or ${VAR:-default} is filled into.",
                  "type": "string",
                  "pattern": "\\$\\{[A-Za-z_]"
                },
                "tiny": {
                  "description": "tiny.yaml: A tiny file.",
                  "type": "object",
                  "properties": {
                    "inner": {
                      "description": "Inside.",
                      "type": "object",
                      "properties": {
                        "count": {
                          "description": "How many.",
                          "anyOf": [
                            {
                              "type": "integer",
                              "minimum": 1,
                              "maximum": 9
                            },
                            {
                              "$ref": "#/$defs/interpolated"
                            }
                          ]
                        }
                      },
                      "required": ["count"],
                      "additionalProperties": false
                    },
                    "word": {
                      "description": "A word.",
                      "anyOf": [
                        {
                          "enum": ["a", "b"]
                        },
                        {
                          "$ref": "#/$defs/interpolated"
                        },
                        {
                          "type": "null"
                        }
                      ]
                    }
                  },
                  "required": ["inner"],
                  "additionalProperties": false
                }
              }
            }

            """#
        #expect(catalogue.jsonSchema == expected)
    }

    private struct Tiny: ConfigSection {
        struct Inner: ConfigSection {
            let count: Int
            init(reading reader: inout ConfigReader) {
                count = reader.required("count", .integer(1...9), "How many.")
            }
        }

        let inner: Inner
        let word: String?
        init(reading reader: inout ConfigReader) {
            inner = reader.section("inner", Inner.self, "Inside.")
            word = reader.optional("word", .oneOf(["a", "b"]), "A word.")
        }
    }
}
