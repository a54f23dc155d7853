import CygniLog
import Foundation
import Testing

@Suite struct LineOutputTests {
    @Test func aLineStandsAboveTheStatusLine() throws {
        let pipe = Pipe()
        let output = LineOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        output.show(status: "10 %")
        output.show(status: "10 %")
        output.write(line: "news")
        output.show(status: "")
        output.write(line: "end")
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        let clear = "\r\u{1B}[K"
        #expect(text == "\(clear)10 %\(clear)news\n10 %\(clear)end\n")
    }

    @Test func aFileIsNoTerminalAndHasNoWidth() throws {
        let null = try #require(FileHandle(forWritingAtPath: "/dev/null"))
        let output = LineOutput(descriptor: null.fileDescriptor)
        #expect(!output.isTerminal && output.width == nil)
    }
}
