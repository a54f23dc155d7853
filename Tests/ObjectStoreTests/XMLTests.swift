import Testing

@testable import CygniObjectStore

struct XMLTests {
    private func parse(_ text: String) -> XMLElement? { XMLElement(parsing: Array(text.utf8)) }

    @Test func `elements, text and references`() {
        let element = parse(
            """
            <?xml version="1.0"?><!-- a list --><ns:List xmlns:ns="urn:x"><Item a="1"><Key>a&amp;b &lt;&#x41;&#66;&gt;</Key><Size/></Item><Item/></ns:List>
            """
        )
        #expect(element?.name == "List")
        #expect(element?.all("Item").count == 2)
        #expect(element?.all("Item").first?["Key"] == "a&b <AB>")
        #expect(element?.all("Item").first?["Size"] == "")
    }

    @Test(arguments: [
        "", "<a>", "<a></b>", "</a>", "<a><b></a></b>", "plain", "<!DOCTYPE html><html></html>", "<a>&unknown;</a>",
        "<a>&#xFFFFFFFF;</a>", "<a", "<a>&amp</a>",
        String(repeating: "<a>", count: 50) + String(repeating: "</a>", count: 50),
    ])
    func `what is no such document is refused`(text: String) {
        #expect(parse(text) == nil)
    }
}
