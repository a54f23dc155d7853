import Testing

@testable import CygniConfig

@Suite("Connection strings")
struct ConnectionKeywordTests {
    @Test(
        "What libpq reads is right",
        arguments: [
            "postgresql:///cygni", "postgresql://u@h/db?host=%2Frun&port=5499",
            "postgres://h/db?sslmode=verify-full&ssl=true",
            "postgresql://u@h1:1,h2:2/db?target_session_attrs=read-write&options=-c%20jit%3Doff",
            "host=/run dbname=cygni", "host = '/a b' options='-c x=1 -c y=\\'z\\''", "dbname=a\\ b user=u",
            "service=cygni",
        ]
    )
    func right(text: String) {
        #expect(ConnectionKeywords.fault(in: text) == nil)
    }

    @Test(
        "What it cannot read is named",
        arguments: [
            ("postgresql://u@h/db?bogus=1", "libpq has no parameter bogus"),
            ("postgresql://u@h/db?ssl_mode=require", "libpq has no parameter ssl_mode, did you mean sslmode?"),
            ("postgresql://u@h/db?options=-c jit=off", "the value of options holds a '=', write it as %3D"),
            ("postgresql://u@h/db?sslmode", "the parameter sslmode has no value"),
            ("postgresql://u@h/db?", "it has a parameter without a name that libpq could know"),
            ("hots=x dbname=y", "libpq has no parameter hots, did you mean host?"),
            ("dbname='cygni", "the value of dbname has no closing quote"),
            ("host=a b c", "a keyword or a part of a value has no '=' behind it; quote values with blanks"),
        ]
    )
    func wrong(text: String, fault: String) {
        #expect(ConnectionKeywords.fault(in: text) == fault)
    }
}
