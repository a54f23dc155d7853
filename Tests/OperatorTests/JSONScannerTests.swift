import CygniIntake
import Testing

@testable import Operator

@Suite struct JSONScannerTests {
    private func members(_ text: String) throws -> [String] {
        try withBytes(text) { bytes in
            let arena = Arena()
            var scanner = JSONScanner(bytes)
            var found: [String] = []
            try scanner.openObject()
            while let member = try scanner.nextMember() {
                let value = member.kind == .string ? arena.unescaped(member.content).text : member.value.text
                found.append("\(arena.unescaped(member.key).text)=\(value)")
            }
            return found
        }
    }

    @Test func membersComeInTheirOrder() throws {
        let text = #" { "a" : "x" , "b":-1.5e3,"c":[1,{"d":[]}] ,"e":{}, "f":null,"g":true }  "#
        #expect(try members(text) == ["a=x", "b=-1.5e3", #"c=[1,{"d":[]}]"#, "e={}", "f=null", "g=true"])
        #expect(try members("{}") == [])
    }

    @Test func escapesAreResolved() throws {
        #expect(try members(#"{"\u0061\n":"\"\\\/\b\f\r\t\u00e9\ud83d\ude00€"}"#) == ["a\n=\"\\/\u{8}\u{C}\r\té😀€"])
    }

    @Test(
        arguments: [
            "", "[]", "{", "{}x", "{]", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{a:1}"#,
            #"{"a":01}"#, #"{"a":-}"#, #"{"a":1.}"#, #"{"a":1e}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":tru}"#,
            #"{"a":"x}"#,
            #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#, #"{"a":"\u0000"}"#, #"{"a":"\ud800"}"#, #"{"a":"\udc00"}"#,
            #"{"a":"\ud800\u0041"}"#, "{\"a\":\"\n\"}", #"{"a":[1,]}"#, #"{"a":[1 2]}"#, #"{"a":{"b":1}"#,
            #"{"a":1e5000}"#,
            #"{"a":NaN}"#, #"{"a":"\"#, #"{"a":"\u12"#,
        ]
    ) func otherTextsAreRefused(text: String) {
        #expect(refusal { _ = try members(text) } != nil)
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(try members(nested(64)).count == 1)
        #expect(refusal { _ = try members(nested(65)) } != nil)
        #expect(refusal { _ = try members(nested(200_000)) } != nil)
    }
}
