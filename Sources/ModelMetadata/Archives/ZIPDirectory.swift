/// The list that a ZIP archive has at its end of what is in it (PKWARE's APPNOTE.TXT, sections 4.3 and 4.4).
///
/// The archive may follow other bytes, such as a model or padding, that its offsets may count or not.
struct ZIPDirectory: Hashable, Sendable {
  /// A file in the archive.
  struct Entry: Hashable, Sendable {
    let name: [UInt8]
    let flags: UInt16
    let method: UInt16
    let checksum: UInt32
    let compressedByteCount: Int
    let byteCount: Int
    /// Where the entry's own header is, counted from the start of the bytes.
    let headerPosition: Int
    /// Where the entry is in the directory, likewise.
    fileprivate let position: Int

    var isEncrypted: Bool { flags & 1 != 0 }
  }

  let entries: [Entry]
  /// Where the directory begins.
  let position: Int
  /// Whether numbers of 64 bits are used anywhere.
  private(set) var isZIP64: Bool
  /// How many bytes are in front of the archive that its offsets do not count.
  private let shift: Int
  /// Where the record at the end is.
  private let end: Int

  private static let endSignature: UInt32 = 0x0605_4b50
  private static let end64Signature: UInt32 = 0x0606_4b50
  private static let locator64Signature: UInt32 = 0x0706_4b50
  private static let entrySignature: UInt32 = 0x0201_4b50
  private static let endByteCount = 22
  private static let end64ByteCount = 56
  private static let locator64ByteCount = 20
  private static let entryByteCount = 46
  /// What stands in a field of 32 bits for a number that is in one of 64.
  private static let inField64 = UInt32.max

  /// Reads the directory of the archive that some bytes end with.
  ///
  /// - Returns: `nil` where there is no archive.
  /// - Throws: ``MetadataError`` for one that is damaged.
  init?(of bytes: RawSpan) throws(MetadataError) {
    let file = FlatBuffer(bytes)
    guard let end = try Self.endRecord(of: file) else { return nil }
    var count = Int(try file.load(UInt16.self, at: end + 10, "end of the archive"))
    var byteCount = UInt64(try file.load(UInt32.self, at: end + 12, "end of the archive"))
    var offset = UInt64(try file.load(UInt32.self, at: end + 16, "end of the archive"))
    var directoryEnd = end
    isZIP64 = false
    let end64 = end - Self.locator64ByteCount - Self.end64ByteCount
    if end64 >= 0,
      try file.load(UInt32.self, at: end - Self.locator64ByteCount, "") == Self.locator64Signature,
      try file.load(UInt32.self, at: end64, "") == Self.end64Signature
    {
      count = Int(clamping: try file.load(UInt64.self, at: end64 + 32, "end of the archive"))
      byteCount = try file.load(UInt64.self, at: end64 + 40, "end of the archive")
      offset = try file.load(UInt64.self, at: end64 + 48, "end of the archive")
      directoryEnd = end64
      isZIP64 = true
    }
    guard byteCount <= directoryEnd, offset <= UInt64(directoryEnd) - byteCount else {
      throw .outOfBounds(
        part: "the archive's directory", offset: Int(clamping: offset), byteCount: bytes.byteCount)
    }
    self.end = end
    position = directoryEnd - Int(byteCount)
    shift = position - Int(offset)
    // The allowance is what there is place for.
    guard count <= Int(byteCount) / Self.entryByteCount else {
      throw .tooManyEntries(
        part: "the archive's directory", count: count, limit: Int(byteCount) / Self.entryByteCount)
    }
    var entries: [Entry] = []
    var next = position
    for index in 0..<count {
      let (entry, entryEnd, usesField64) = try Self.entry(
        index, of: file, at: next, end: directoryEnd, shift: shift)
      entries.append(entry)
      isZIP64 = isZIP64 || usesField64
      next = entryEnd
    }
    self.entries = entries
  }

  /// Where the record at the end is: the last one whose comment is inside the bytes.
  private static func endRecord(of file: FlatBuffer) throws(MetadataError) -> Int? {
    let last = file.bytes.byteCount - endByteCount
    guard last >= 0 else { return nil }
    for position in (max(0, last - Int(UInt16.max))...last).reversed()
    where try file.load(UInt32.self, at: position, "") == endSignature {
      let comment = Int(try file.load(UInt16.self, at: position + 20, ""))
      if position + endByteCount + comment <= file.bytes.byteCount { return position }
    }
    return nil
  }

  private static func entry(
    _ index: Int, of file: FlatBuffer, at position: Int, end: Int, shift: Int
  ) throws(MetadataError) -> (entry: Entry, end: Int, usesField64: Bool) {
    let part = "entry \(index) of the archive"
    guard end - position >= entryByteCount,
      try file.load(UInt32.self, at: position, part) == entrySignature
    else {
      throw .missing(part: part)
    }
    let nameCount = Int(try file.load(UInt16.self, at: position + 28, part))
    let extraCount = Int(try file.load(UInt16.self, at: position + 30, part))
    let commentCount = Int(try file.load(UInt16.self, at: position + 32, part))
    let nameStart = position + entryByteCount
    let entryEnd = nameStart + nameCount + extraCount + commentCount
    guard entryEnd <= end else {
      throw .outOfBounds(part: part, offset: position, byteCount: end)
    }
    var numbers: [UInt64] = []
    for offset in [24, 20, 42] {
      numbers.append(UInt64(try file.load(UInt32.self, at: position + offset, part)))
    }
    let places = try field64Places(
      of: file, extra: nameStart + nameCount..<nameStart + nameCount + extraCount,
      isIn64: numbers.map { $0 == inField64 }, part)
    for (number, place) in places.enumerated() {
      if let place { numbers[number] = try file.load(UInt64.self, at: place, part) }
    }
    let name = (nameStart..<nameStart + nameCount).map {
      unsafe file.bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
    }
    let entry = Entry(
      name: name,
      flags: try file.load(UInt16.self, at: position + 8, part),
      method: try file.load(UInt16.self, at: position + 10, part),
      checksum: try file.load(UInt32.self, at: position + 16, part),
      compressedByteCount: Int(clamping: numbers[1]), byteCount: Int(clamping: numbers[0]),
      headerPosition: Int(clamping: numbers[2].addingReportingOverflow(UInt64(shift)).partialValue),
      position: position)
    return (entry, entryEnd, places.contains { $0 != nil })
  }

  /// Where the 64-bit numbers of an entry are, of those that are not in its fields of 32 bits.
  private static func field64Places(
    of file: FlatBuffer, extra: Range<Int>, isIn64: [Bool], _ part: String
  ) throws(MetadataError) -> [Int?] {
    var places: [Int?] = isIn64.map { _ in nil }
    guard isIn64.contains(true) else { return places }
    var next = extra.lowerBound
    while next + 4 <= extra.upperBound {
      let kind = try file.load(UInt16.self, at: next, part)
      let fieldEnd = next + 4 + Int(try file.load(UInt16.self, at: next + 2, part))
      guard fieldEnd <= extra.upperBound else { break }
      if kind == 1 {
        var place = next + 4
        for number in isIn64.indices where isIn64[number] && place + 8 <= fieldEnd {
          places[number] = place
          place += 8
        }
        return places
      }
      next = fieldEnd
    }
    return places
  }
}

extension ZIPDirectory {
  /// What to change in the directory when bytes are put in front of the file.
  ///
  /// An archive whose offsets count from the start of the file gets offsets that do so again. Of one
  /// whose offsets count from its own start nothing has to be changed.
  ///
  /// - Parameters:
  ///   - count: The number of bytes.
  ///   - bytes: The file as it is.
  /// - Returns: The changes, with positions in the file as it is.
  /// - Throws: ``MetadataError`` where an offset has no place for its new number.
  func patches(forPrefixOf count: Int, in bytes: RawSpan) throws(MetadataError) -> [BytePatch] {
    guard shift == 0 else { return [] }
    let file = FlatBuffer(bytes)
    var patches: [BytePatch] = []
    func move<Offset: FlatBufferScalar & FixedWidthInteger>(
      _ type: Offset.Type, _ position: Int
    ) throws(MetadataError) {
      let old = try file.load(Offset.self, at: position, "an offset of the archive")
      let (new, overflows) = old.addingReportingOverflow(Offset(count))
      guard !overflows, UInt64(new) != UInt64(Self.inField64) else {
        throw .invalid(
          part: "an offset of the archive at the end of the file", found: "\(old)",
          needed: "one that has place for \(count) more")
      }
      patches.append(
        BytePatch(
          position: position,
          bytes: (0..<MemoryLayout<Offset>.size).map { UInt8(truncatingIfNeeded: new >> (8 * $0)) })
      )
    }
    for entry in entries {
      let field = entry.position + 42
      if try file.load(UInt32.self, at: field, "") != Self.inField64 {
        try move(UInt32.self, field)
        continue
      }
      let extra = entry.position + Self.entryByteCount + entry.name.count
      let extraCount = Int(try file.load(UInt16.self, at: entry.position + 30, ""))
      var isIn64: [Bool] = []
      for offset in [24, 20, 42] {
        isIn64.append(
          try file.load(UInt32.self, at: entry.position + offset, "") == Self.inField64)
      }
      let places = try Self.field64Places(
        of: file, extra: extra..<extra + extraCount, isIn64: isIn64, "")
      if let place = places[2] { try move(UInt64.self, place) }
    }
    if try file.load(UInt32.self, at: end + 16, "") != Self.inField64 {
      try move(UInt32.self, end + 16)
    }
    let locator = end - Self.locator64ByteCount
    let end64 = locator - Self.end64ByteCount
    if position <= end64,
      try file.load(UInt32.self, at: locator, "") == Self.locator64Signature,
      try file.load(UInt32.self, at: end64, "") == Self.end64Signature
    {
      try move(UInt64.self, end64 + 48)
      try move(UInt64.self, locator + 8)
    }
    return patches
  }
}
