import CygniArchive
import CygniPostgres

/// Makes JSON lines of the rows of a binary COPY (manual, COPY, "Binary Format"), straight from the connection's buffer.
struct RowEncoder {
    private struct Column {
        let encoding: ColumnEncoding
        /// `{"ts":` or `,"level":`.
        let prefix: [UInt8]
    }

    private let columns: [Column]
    private let timeIndex: Int
    private let tenantIndex: Int?
    private let hasLateFlag: Bool
    private var isHeaderRead = false
    /// The tenant of the row before, in its binary form, and as text.
    private var tenant: [UInt8]?
    private var tenantText = ""
    private var time = TimeText()
    private(set) var tenants: [String: Int] = [:]
    private var tenantRows = 0

    init(_ layout: TableLayout, hasLateFlag: Bool) {
        columns = layout.columns.enumerated().map { index, column in
            let prefix = LineBuffer(capacity: 64)
            prefix.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
            JSONWriting.append(text: Array(column.name.utf8), to: prefix)
            prefix.append(UInt8(ascii: ":"))
            return Column(encoding: column.encoding, prefix: Array(prefix.bytes))
        }
        timeIndex = layout.columns.firstIndex { $0.name == layout.timeColumn } ?? 0
        tenantIndex = layout.tenantColumn.flatMap { name in layout.columns.firstIndex { $0.name == name } }
        self.hasLateFlag = hasLateFlag
    }

    /// Writes the row in `message`, without ending its line.
    ///
    /// - Returns: whether there was a row, and whether it is late.
    mutating func encode(_ message: UnsafeRawBufferPointer, into filler: inout FrameFiller) throws -> (
        Bool, isLate: Bool
    ) {
        var cursor = WireCursor(message)
        if !isHeaderRead {
            // Signature, flags, and an extension of the length it says.
            try cursor.skip(15)
            try cursor.skip(Int(cursor.int32()))
            isHeaderRead = true
        }
        guard !cursor.isAtEnd, try cursor.int16() >= 0 else { return (false, false) }
        let isLate = hasLateFlag ? try cursor.field()?.first == 1 : false
        let start = cursor
        if let tenantIndex { try begin(tenantIndex, start, &filler) }
        let lines = filler.lines
        cursor = start
        for (index, column) in columns.enumerated() {
            lines.append(column.prefix)
            guard let value = try cursor.field() else {
                lines.append("null")
                continue
            }
            if index == timeIndex {
                let microseconds = TimeText.microseconds(value)
                lines.note(time: microseconds)
                time.append(microseconds, to: lines)
            } else {
                Self.append(value, column.encoding, &time, to: lines)
            }
        }
        lines.append(UInt8(ascii: "}"))
        return (true, isLate)
    }

    /// Notes whose row comes; a new tenant may begin a new frame.
    private mutating func begin(_ index: Int, _ start: WireCursor, _ filler: inout FrameFiller) throws {
        var cursor = start
        for _ in 0..<index { _ = try cursor.field() }
        let value = try cursor.field()
        let isSame =
            value.map { value in tenant.map { value.elementsEqual($0) } ?? false } ?? (tenant == nil && tenantRows > 0)
        if !isSame {
            noteTenant()
            tenant = value.map(Array.init)
            tenantText =
                value.map { columns[index].encoding == .uuid ? UUIDText.text($0) : String(decoding: $0, as: UTF8.self) }
                ?? ""
            try filler.beginTenant()
        }
        tenantRows += 1
        if filler.lines.firstTenant == nil { filler.lines.firstTenant = tenantText }
        filler.lines.lastTenant = tenantText
    }

    private mutating func noteTenant() {
        if tenantRows > 0 { tenants[tenantText, default: 0] += tenantRows }
        tenantRows = 0
    }

    /// A row that was encoded is not kept.
    mutating func dropRow() {
        if tenantIndex != nil { tenantRows -= 1 }
    }

    mutating func finish() {
        noteTenant()
    }

    private static func append(
        _ value: UnsafeRawBufferPointer,
        _ encoding: ColumnEncoding,
        _ time: inout TimeText,
        to lines: LineBuffer
    ) {
        switch encoding {
        case .uuid: UUIDText.append(value, to: lines)
        case .time: time.append(TimeText.microseconds(value), to: lines)
        case .text: JSONWriting.append(text: value, to: lines)
        // A version byte leads.
        case .jsonb: lines.append(UnsafeRawBufferPointer(rebasing: value.dropFirst()))
        case .bool: lines.append(value.first == 1 ? "true" : "false")
        case .int2: JSONWriting.append(Int(Int16(bigEndian: value.loadUnaligned(as: Int16.self))), to: lines)
        case .int4: JSONWriting.append(Int(Int32(bigEndian: value.loadUnaligned(as: Int32.self))), to: lines)
        case .int8: JSONWriting.append(Int(Int64(bigEndian: value.loadUnaligned(as: Int64.self))), to: lines)
        // Outside of strings, where JSON has them escaped, line breaks are blanks.
        case .json: lines.append(value.map { $0 == 10 || $0 == 13 ? 32 : $0 })
        }
    }
}

/// Walks one message of a binary COPY.
struct WireCursor {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, rest.count >= count else {
            throw PostgresError(.client, "a row of the COPY is cut off", statement: "archive.copy")
        }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    mutating func skip(_ count: Int) throws { _ = try take(count) }

    mutating func int16() throws -> Int16 { Int16(bigEndian: try take(2).loadUnaligned(as: Int16.self)) }

    mutating func int32() throws -> Int32 { Int32(bigEndian: try take(4).loadUnaligned(as: Int32.self)) }

    /// The next value; nil for NULL.
    mutating func field() throws -> UnsafeRawBufferPointer? {
        let length = try int32()
        return length < 0 ? nil : try take(Int(length))
    }
}
