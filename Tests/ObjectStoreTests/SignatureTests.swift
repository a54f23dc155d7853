import CygniModel
import CygniObjectStore
import Testing

/// The examples of the Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header".
struct SignatureTests {
    private let signature = SignatureV4(
        accessKey: "AKIAIOSFODNN7EXAMPLE",
        secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1"
    )

    private func signed(
        _ method: String,
        _ path: String,
        _ query: [(name: String, value: String)] = [],
        _ headers: [(name: String, value: String)] = [],
        payload: String = SignatureV4.emptyPayload
    ) -> String {
        let all =
            headers + [
                ("Host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", payload),
                ("x-amz-date", "20130524T000000Z"),
            ]
        let text = signature.authorization(method, path: path, query: query, headers: all)
        return String(text.split(separator: "=").last ?? "")
    }

    @Test func `GET of a range`() {
        let found = signed("GET", "/test.txt", [], [("Range", "bytes=0-9")])
        #expect(found == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test func `PUT of an object`() {
        let found = signed(
            "PUT",
            "/test%24file.text",
            [],
            [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        )
        #expect(found == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func `GET of a bucket's lifecycle`() {
        let found = signed("GET", "/", [("lifecycle", "")])
        #expect(found == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    }

    @Test func `GET of a list`() {
        let found = signed("GET", "/", [("max-keys", "2"), ("prefix", "J")])
        #expect(found == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func `the date is ISO 8601's basic form`() {
        let moment = Timestamp(parsing: "2013-05-24T01:02:03.456Z")
        #expect(moment.map(SignatureV4.date) == "20130524T010203Z")
    }

    @Test func `only unreserved characters stay`() {
        #expect(SignatureV4.encode("a-_.~Z9 +/ü%") == "a-_.~Z9%20%2B%2F%C3%BC%25")
        #expect(SignatureV4.encode("a/b c", keeping: "/") == "a/b%20c")
    }
}
