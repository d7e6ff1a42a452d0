package import FrameBuffers

extension Orientation {
  /// The orientation that a block of EXIF data gives.
  ///
  /// Only tag 0x0112 of the first directory counts. Damaged data says nothing, as does a value
  /// outside 1...8: a picture is not refused for its EXIF data.
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
    let shortType = 3
    guard integer(at: 2, byteCount: 2) == 42,
      let directory = integer(at: 4, byteCount: 4),
      let entryCount = integer(at: directory, byteCount: 2)
    else { return nil }
    for index in 0..<entryCount {
      let entry = directory + 2 + 12 * index
      guard let tag = integer(at: entry, byteCount: 2) else { return nil }
      guard tag == orientationTag else { continue }
      guard integer(at: entry + 2, byteCount: 2) == shortType,
        let value = integer(at: entry + 8, byteCount: 2)
      else { return nil }
      self.init(rawValue: UInt8(clamping: value))
      return
    }
    return nil
  }
}
