import Foundation

/// Packed pixels without any type of the product, for tests to compute with.
package struct PixelImage: Hashable, Sendable {
  package let width: Int
  package let height: Int
  /// The bytes of one pixel.
  package let channels: Int
  package var bytes: [UInt8]

  package init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
    precondition(bytes.count == width * height * channels)
    self.width = width
    self.height = height
    self.channels = channels
    self.bytes = bytes
  }

  /// The golden files' pattern.
  package init(patternOfWidth width: Int, height: Int, channels: Int) {
    self.init(
      width: width, height: height, channels: channels,
      bytes: TestImages.pattern(width: width, height: height, channels: channels))
  }

  /// Noise.
  package init(
    randomOfWidth width: Int, height: Int, channels: Int, using generator: inout SeededGenerator
  ) {
    self.init(
      width: width, height: height, channels: channels,
      bytes: generator.bytes(width * height * channels))
  }

  /// The bytes of one pixel.
  package func pixel(_ x: Int, _ y: Int) -> ArraySlice<UInt8> {
    let start = (y * width + x) * channels
    return bytes[start..<start + channels]
  }

  /// The image whose pixel (x, y) is this one's at the place that `source` gives.
  package func rearranged(
    width newWidth: Int, height newHeight: Int, source: (_ x: Int, _ y: Int) -> (x: Int, y: Int)
  ) -> PixelImage {
    var result: [UInt8] = []
    result.reserveCapacity(newWidth * newHeight * channels)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let place = source(x, y)
        result += pixel(place.x, place.y)
      }
    }
    return PixelImage(width: newWidth, height: newHeight, channels: channels, bytes: result)
  }

  /// A rectangle of the image.
  package func cropped(x: Int, y: Int, width: Int, height: Int) -> PixelImage {
    rearranged(width: width, height: height) { (x + $0, y + $1) }
  }

  /// The upright picture, where this is the stored one, by EXIF's own definition of each value.
  ///
  /// EXIF 2.3, tag 0x0112: on which edge of the picture the stored row 0 and column 0 lie.
  package func upright(exifOrientation: Int) -> PixelImage {
    let (w, h) = (width, height)
    return switch exifOrientation {
    case 1: self  // Row 0 at the top, column 0 at the left.
    case 2: rearranged(width: w, height: h) { (w - 1 - $0, $1) }  // Top, right.
    case 3: rearranged(width: w, height: h) { (w - 1 - $0, h - 1 - $1) }  // Bottom, right.
    case 4: rearranged(width: w, height: h) { ($0, h - 1 - $1) }  // Bottom, left.
    case 5: rearranged(width: h, height: w) { ($1, $0) }  // Left, top.
    case 6: rearranged(width: h, height: w) { ($1, h - 1 - $0) }  // Right, top.
    case 7: rearranged(width: h, height: w) { (w - 1 - $1, h - 1 - $0) }  // Right, bottom.
    case 8: rearranged(width: h, height: w) { (w - 1 - $1, $0) }  // Left, bottom.
    default: preconditionFailure("EXIF has orientations 1 to 8")
    }
  }

  /// The picture turned clockwise by a number of quarter turns.
  package func turnedClockwise(quarterTurns: Int) -> PixelImage {
    (0..<quarterTurns).reduce(self) { image, _ in
      image.rearranged(width: image.height, height: image.width) { ($1, image.height - 1 - $0) }
    }
  }

  /// Every row followed by `padding` bytes of another value.
  package func padded(by padding: Int) -> [UInt8] {
    let rowLength = width * channels
    let filler = Array(repeating: UInt8(0xa5), count: padding)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: rowLength) {
      result += bytes[start..<start + rowLength]
      result += filler
    }
    return result
  }

  /// Without the fourth channel.
  package func withoutAlpha() -> PixelImage {
    guard channels == 4 else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(width * height * 3)
    for start in stride(from: 0, to: bytes.count, by: 4) { result += bytes[start..<start + 3] }
    return PixelImage(width: width, height: height, channels: 3, bytes: result)
  }
}

/// A frame as the golden files describe it.
package struct GoldenFrame: Decodable, Hashable, Sendable {
  package let photograph: String?
  package let pattern: [Int]?
  package let format: String
  package let region: [Int]?

  /// The pixels, RGB or RGBA.
  package func image() throws -> PixelImage {
    let channels = format == "rgba" ? 4 : 3
    if let pattern {
      return PixelImage(patternOfWidth: pattern[0], height: pattern[1], channels: channels)
    }
    let image = try Photographs.rgb(photograph ?? "")
    guard channels == 4 else { return image }
    return PixelImage(
      width: image.width, height: image.height, channels: 4,
      bytes: TestImages.addingAlpha(to: image.bytes, width: image.width))
  }
}

/// Photographs by the tests' own decoder, each decoded once.
package enum Photographs {
  private static let lock = NSLock()
  // Used behind the lock only.
  nonisolated(unsafe) private static var decoded: [String: PixelImage] = [:]

  /// The pixels of an 8-bit RGB PNG photograph.
  package static func rgb(_ name: String) throws -> PixelImage {
    try lock.withLock {
      if let image = unsafe decoded[name] { return image }
      let image = try ReferencePNG(contentsOf: Fixtures.photograph(name)).image
      unsafe decoded[name] = image
      return image
    }
  }
}
