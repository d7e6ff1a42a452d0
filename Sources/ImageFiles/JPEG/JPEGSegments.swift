import EmbedderFrameBuffers

/// The segments that a JPEG file has in front of its picture's data.
enum JPEGSegments {
  enum Marker {
    static let app1: UInt8 = 0xe1
    static let startOfScan: UInt8 = 0xda
  }

  /// Calls `visit` with each segment's marker and content until it returns something.
  static func first<Value>(
    in bytes: RawSpan, where visit: (UInt8, RawSpan) -> Value?
  ) -> Value? {
    var walk = Walk()
    while let (marker, range) = walk.next(in: bytes) {
      if let value = visit(marker, bytes.extracting(range)) { return value }
    }
    return nil
  }

  /// Goes from segment to segment up to the picture's data: marker, length, content.
  private struct Walk {
    private var offset = 2

    mutating func next(in bytes: RawSpan) -> (marker: UInt8, content: Range<Int>)? {
      // Any number of bytes may fill the space in front of a marker, and stray ones are skipped.
      while let pair = bytes.integer(at: offset, byteCount: 2, .bigEndian),
        pair == 0xffff || pair >> 8 != 0xff
      {
        offset += 1
      }
      guard let head = bytes.integer(at: offset, byteCount: 4, .bigEndian) else {
        return nil
      }
      let (marker, length) = (UInt8(head >> 16 & 0xff), head & 0xffff)
      guard head >> 24 == 0xff, marker != Marker.startOfScan, length >= 2 else { return nil }
      let content = offset + 4..<offset + 2 + length
      guard content.upperBound <= bytes.byteCount else { return nil }
      offset = content.upperBound
      return (marker, content)
    }
  }
}

extension Orientation {
  /// The orientation that a JPEG file's EXIF segment gives.
  init?(jpeg bytes: RawSpan) {
    let header = "Exif\0\0"
    // Only the first EXIF segment counts, even when it says nothing.
    let orientation: Orientation?? = JPEGSegments.first(in: bytes) { marker, content in
      guard marker == JPEGSegments.Marker.app1, content.holds(header) else { return nil }
      return .some(Orientation(exif: content.extracting(header.utf8.count..<content.byteCount)))
    }
    guard let orientation = orientation ?? nil else { return nil }
    self = orientation
  }
}
