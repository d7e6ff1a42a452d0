package import EmbedderFrameBuffers

extension Orientation {
  /// The orientation that a block of EXIF data gives.
  ///
  /// Only tag 0x0112 of the first directory counts. It should be one SHORT; cameras also write other
  /// integers and several, of which the first counts. Damaged data says nothing, as does a value outside
  /// 1...8: a picture is not refused for its EXIF data.
  ///
  /// - Parameter bytes: The data from its TIFF header (`II*` or `MM*`) on; untrusted.
  package init?(exif bytes: RawSpan) {
    let isLittleEndian: Bool
    switch bytes.byteCount >= 8 ? (bytes.byte(at: 0), bytes.byte(at: 1)) : (0, 0) {
    case (0x49, 0x49): isLittleEndian = true
    case (0x4d, 0x4d): isLittleEndian = false
    default: return nil
    }
    func integer(at offset: Int, byteCount: Int) -> Int? {
      guard offset >= 0, offset <= bytes.byteCount - byteCount else { return nil }
      return (0..<byteCount).reduce(0) { value, index in
        let place = offset + (isLittleEndian ? byteCount - 1 - index : index)
        return value << 8 | Int(bytes.byte(at: place))
      }
    }

    let orientationTag = 0x0112
    // BYTE, SHORT, LONG and the signed ones; no value in 1...8 needs the sign.
    let sizes = [1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4]
    guard integer(at: 2, byteCount: 2) == 42,
      let directory = integer(at: 4, byteCount: 4),
      let entryCount = integer(at: directory, byteCount: 2)
    else { return nil }
    for index in 0..<entryCount {
      let entry = directory + 2 + 12 * index
      guard let tag = integer(at: entry, byteCount: 2) else { return nil }
      guard tag == orientationTag else { continue }
      guard let size = integer(at: entry + 2, byteCount: 2).flatMap({ sizes[$0] }),
        let count = integer(at: entry + 4, byteCount: 4)
      else { return nil }
      func orientation(at offset: Int) -> Orientation? {
        integer(at: offset, byteCount: size).flatMap { Orientation(rawValue: UInt8(clamping: $0)) }
      }
      // Values that do not fit into the entry lie elsewhere, unless only their count is wrong.
      let isElsewhere = count * size > 4
      let elsewhere = isElsewhere ? integer(at: entry + 8, byteCount: 4) : nil
      guard let found = elsewhere.flatMap(orientation) ?? orientation(at: entry + 8) else {
        return nil
      }
      self = found
      return
    }
    return nil
  }
}
