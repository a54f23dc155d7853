import CygniIntake
import Testing

@testable import Operator

@Suite struct NumberTests {
    @Test(
        arguments: [
            "0", "-0", "1", "+1.5", "-273.15", ".5", "5.", "6.4479999999999995", "1e3", "1E-3", "123456789012345678",
            "0.1",
            "9007199254740993", "1.7976931348623157e308", "5e-324", "1e-400", "00012", "179769313486231570000000000000",
            "3.141592653589793238462643383279502884197", "2.2250738585072011e-308", "1e22", "1e23", "-4.35",
        ]
    ) func numbersAreReadAsTheStandardLibraryDoes(text: String) throws {
        let value = try withBytes(text) { try #require(FloatText.parse($0)) }
        let digits = text.hasSuffix(".") ? text + "0" : text
        #expect(value.bitPattern == Double(digits)?.bitPattern)
    }

    @Test func namedValuesAreRead() {
        #expect(withBytes("NaN") { FloatText.parse($0) }?.isNaN == true)
        #expect(withBytes("+Inf") { FloatText.parse($0) } == .infinity)
        #expect(withBytes("-infinity") { FloatText.parse($0) } == -.infinity)
    }

    @Test(
        arguments: [
            "", "-", "+", ".", "e5", "1e", "1e+", "0x10", "1_000", "1,5", "12a", "--1", "1e999", "nano", "infinit",
            " 1", "1 ",
            "٣", "1e9999999", "NULL", "true",
        ]
    ) func otherTextsAreRefused(text: String) {
        #expect(withBytes(text) { FloatText.parse($0) } == nil)
    }
}
