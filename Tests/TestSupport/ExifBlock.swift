/// EXIF data that tests put into files.
package enum ExifBlock {
  /// A block whose first directory holds a few other entries and the orientation.
  ///
  /// - Parameters:
  ///   - value: The orientation; EXIF knows 1 to 8.
  ///   - isLittleEndian: The order of the bytes of a number.
  /// - Returns: The data from its TIFF header on.
  package static func orientation(_ value: UInt16, isLittleEndian: Bool) -> [UInt8] {
    func number(_ value: Int, _ byteCount: Int) -> [UInt8] {
      let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isLittleEndian ? bytes : bytes.reversed()
    }
    func entry(_ tag: Int, _ type: Int, _ value: [UInt8]) -> [UInt8] {
      number(tag, 2) + number(type, 2) + number(1, 4) + value
    }
    let (short, long) = (3, 4)
    return Array((isLittleEndian ? "II" : "MM").utf8) + number(42, 2) + number(8, 4)
      + number(3, 2)
      + entry(0x0100, long, number(24, 4))
      + entry(0x0112, short, number(Int(value), 2) + [0, 0])
      + entry(0x0128, short, number(2, 2) + [0, 0])
      + number(0, 4)
  }

  /// A JPEG file with `block` in an APP1 segment behind its first marker.
  package static func inserted(_ block: [UInt8], intoJPEG jpeg: [UInt8]) -> [UInt8] {
    let content = Array("Exif\0\0".utf8) + block
    let length = content.count + 2
    return jpeg[..<2] + [0xff, 0xe1, UInt8(length >> 8), UInt8(length & 0xff)] + content
      + jpeg[2...]
  }
}
