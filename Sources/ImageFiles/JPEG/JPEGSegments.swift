import FrameBuffers

/// The segments that a JPEG file has in front of its picture's data.
enum JPEGSegments {
  enum Marker {
    static let app1: UInt8 = 0xe1
    static let startOfScan: UInt8 = 0xda
    static let endOfImage: UInt8 = 0xd9
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

  /// Whether the bytes end before the picture's data begins.
  static func endEarly(in bytes: RawSpan) -> Bool {
    var walk = Walk()
    while walk.next(in: bytes) != nil {}
    return walk.endedEarly
  }

  /// Whether the picture's data, which begins behind the segments, comes to its end.
  ///
  /// Inside the data the marker cannot occur by chance.
  static func dataEnds(in bytes: RawSpan) -> Bool {
    var walk = Walk()
    while walk.next(in: bytes) != nil {}
    let last = bytes.byteCount - 2
    return last > walk.offset
      && (walk.offset...last).contains {
        bytes.byte(at: $0) == 0xff && bytes.byte(at: $0 + 1) == Marker.endOfImage
      }
  }

  /// Goes from segment to segment up to the picture's data: marker, length, content.
  private struct Walk {
    private(set) var offset = 2
    private(set) var endedEarly = false

    mutating func next(in bytes: RawSpan) -> (marker: UInt8, content: Range<Int>)? {
      // Any number of bytes may fill the space in front of a marker, and stray ones are skipped.
      while let pair = bytes.integer(at: offset, byteCount: 2, .bigEndian),
        pair == 0xffff || pair >> 8 != 0xff
      {
        offset += 1
      }
      guard let head = bytes.integer(at: offset, byteCount: 4, .bigEndian) else {
        endedEarly = true
        return nil
      }
      let (marker, length) = (UInt8(head >> 16 & 0xff), head & 0xffff)
      guard head >> 24 == 0xff, marker != Marker.startOfScan, length >= 2 else { return nil }
      let content = offset + 4..<offset + 2 + length
      guard content.upperBound <= bytes.byteCount else {
        endedEarly = true
        return nil
      }
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
