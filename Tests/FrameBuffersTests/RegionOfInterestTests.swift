import EmbedderFrameBuffers
import EmbedderTestSupport
import Testing

@Suite("Region of interest")
struct RegionOfInterestTests {
  @Test(
    "given in the upright picture names the same pixels of the stored frame",
    arguments: Orientation.allCases, [(5, 4), (4, 5), (1, 6), (3, 3)])
  func stored(orientation: Orientation, size: (width: Int, height: Int)) {
    let labels = [UInt8](0..<UInt8(size.width * size.height))
    let frame = PixelImage(width: size.width, height: size.height, channels: 1, bytes: labels)
    let exif = Int(orientation.rawValue)
    let upright = frame.upright(exifOrientation: exif)
    for region in allRegions(width: upright.width, height: upright.height) {
      let stored = region.stored(
        orientation: orientation, storedWidth: frame.width, storedHeight: frame.height)
      let pixels = frame.cropped(
        x: stored.x, y: stored.y, width: stored.width, height: stored.height)
      let expected = upright.cropped(
        x: region.x, y: region.y, width: region.width, height: region.height)
      #expect(pixels.upright(exifOrientation: exif) == expected, "\(region)")
    }
  }

  @Test("is accepted wherever it lies inside the picture")
  func inside() throws {
    for region in allRegions(width: 6, height: 4) {
      try region.validate(inWidth: 6, height: 4)
    }
  }

  @Test(
    "is refused outside the picture or empty",
    arguments: [
      RegionOfInterest(x: 0, y: 0, width: 0, height: 0),
      RegionOfInterest(x: 0, y: 0, width: 0, height: 1),
      RegionOfInterest(x: 0, y: 0, width: 1, height: 0),
      RegionOfInterest(x: 0, y: 0, width: -1, height: 1),
      RegionOfInterest(x: 2, y: 2, width: -2, height: -2),
      RegionOfInterest(x: -1, y: 0, width: 2, height: 2),
      RegionOfInterest(x: 0, y: -1, width: 2, height: 2),
      RegionOfInterest(x: 0, y: 0, width: 7, height: 4),
      RegionOfInterest(x: 0, y: 0, width: 6, height: 5),
      RegionOfInterest(x: 6, y: 0, width: 1, height: 1),
      RegionOfInterest(x: 0, y: 4, width: 1, height: 1),
      RegionOfInterest(x: 1, y: 0, width: 6, height: 1),
      RegionOfInterest(x: 0, y: 1, width: 1, height: 4),
    ])
  func outside(region: RegionOfInterest) {
    #expect(throws: FrameBufferError.regionOutside(region, width: 6, height: 4)) {
      try region.validate(inWidth: 6, height: 4)
    }
  }

  @Test("of any numbers is accepted or refused, and never traps")
  func extremes() {
    let numbers = [.min, .min + 1, -7, -1, 0, 1, 2, 4, 6, 7, .max - 6, .max - 1, .max]
    for x in numbers {
      for width in numbers {
        for (y, height) in [(0, 1), (1, 3), (2, 3), (.min, .max), (.max, .max), (.max, .min)] {
          let region = RegionOfInterest(x: x, y: y, width: width, height: height)
          let isInside =
            contains(6, start: x, count: width) && contains(4, start: y, count: height)
          #expect(isValid(region) == isInside, "\(region)")
          let turned = RegionOfInterest(x: y, y: x, width: height, height: width)
          #expect(isValid(turned, width: 4, height: 6) == isInside, "\(turned)")
        }
      }
    }
  }

  @Test("is named in its error, with the size of the picture")
  func text() {
    let region = RegionOfInterest(x: 1, y: 2, width: 30, height: 40)
    let text = FrameBufferError.regionOutside(region, width: 6, height: 4).description
    #expect(text.contains("1,2,30,40"))
    #expect(text.contains("6 x 4"))
  }

  private func isValid(_ region: RegionOfInterest, width: Int = 6, height: Int = 4) -> Bool {
    do {
      try region.validate(inWidth: width, height: height)
      return true
    } catch {
      return false
    }
  }

  /// Whether `start..<start + count` is a part of `0..<length`, by arithmetic that may overflow.
  private func contains(_ length: Int, start: Int, count: Int) -> Bool {
    let (end, overflow) = start.addingReportingOverflow(count)
    return start >= 0 && count > 0 && !overflow && end <= length
  }

  private func allRegions(width: Int, height: Int) -> [RegionOfInterest] {
    (0..<width).flatMap { x in
      (0..<height).flatMap { y in
        (1...width - x).flatMap { regionWidth in
          (1...height - y).map { regionHeight in
            RegionOfInterest(x: x, y: y, width: regionWidth, height: regionHeight)
          }
        }
      }
    }
  }
}
