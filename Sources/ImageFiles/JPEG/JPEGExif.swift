import FrameBuffers

extension Orientation {
  /// The orientation that a JPEG file's EXIF segment gives.
  init?(jpeg bytes: RawSpan) {
    let exifHeader = Array("Exif\0\0".utf8)
    var offset = 2
    // Segments come one after another until the picture's data: marker, length, content.
    while offset + 4 <= bytes.byteCount, bytes.byte(at: offset) == 0xff {
      let marker = bytes.byte(at: offset + 1)
      if marker == 0xff {
        offset += 1
        continue
      }
      let length = Int(bytes.byte(at: offset + 2)) << 8 | Int(bytes.byte(at: offset + 3))
      let end = offset + 2 + length
      guard marker != Marker.startOfScan, length >= 2, end <= bytes.byteCount else { return nil }
      let content = bytes.extracting(offset + 4..<end)
      if marker == Marker.app1, content.starts(with: exifHeader) {
        self.init(exif: content.extracting(exifHeader.count..<content.byteCount))
        return
      }
      offset = end
    }
    return nil
  }
}

private enum Marker {
  static let app1: UInt8 = 0xe1
  static let startOfScan: UInt8 = 0xda
}
