import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Decoding for a target")
struct ReducedDecodingTests {
  @Test(
    "reduces JPEG pictures as far as they still cover it",
    arguments: [
      ((3, 2), 8), ((1, 1), 8), ((4, 2), 4), ((3, 3), 4), ((6, 4), 4), ((7, 4), 2), ((6, 5), 2),
      ((12, 8), 2), ((13, 8), 1), ((12, 9), 1), ((24, 16), 1), ((1, 1000), 1),
    ])
  func factors(size: (width: Int, height: Int), factor: Int) throws {
    let image = try decode(
      SmallJPEG.baseline, for: DecodingTarget(width: size.width, height: size.height))
    #expect(image.reduction?.factor == (factor == 1 ? nil : factor))
    #expect(image.frame.width == 24 / factor)
    #expect(image.frame.height == 16 / factor)
    #expect(image.uprightWidth == 24)
    #expect(image.uprightHeight == 16)
    #expect(image.warnings.isEmpty)
  }

  @Test(
    "gives the colours that went in", arguments: [2, 4, 8],
    [SmallJPEG.baseline, SmallJPEG.cmyk])
  func colors(factor: Int, file: [UInt8]) throws {
    let image = try decode(file, for: DecodingTarget(width: 24 / factor, height: 16 / factor))
    let expected = SmallJPEG.original.rearranged(width: 24 / factor, height: 16 / factor) {
      ($0 * factor, $1 * factor)
    }
    #expect(image.frame.format == .rgb)
    #expect(largestDifference(image.pixels, expected) <= 3)
  }

  @Test("turns the target with the picture", arguments: 1...8)
  func orientation(value: Int) throws {
    let block = ExifBlock.orientation(UInt16(value), isLittleEndian: false)
    let file = ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline)
    let swaps = value >= 5
    let wide = try decode(file, for: DecodingTarget(width: 3, height: 2))
    #expect(wide.reduction?.factor == (swaps ? 4 : 8))
    #expect(wide.uprightWidth == (swaps ? 16 : 24))
    let high = try decode(file, for: DecodingTarget(width: 2, height: 3))
    #expect(high.reduction?.factor == (swaps ? 8 : 4))
    var options = DecodingOptions()
    options.honorsOrientation = false
    options.target = DecodingTarget(width: 3, height: 2)
    #expect(try decode(file, options: options).reduction?.factor == 8)
  }

  @Test(
    "keeps what a region needs",
    arguments: [
      (RegionOfInterest(x: 0, y: 0, width: 24, height: 16), 8),
      (RegionOfInterest(x: 4, y: 4, width: 12, height: 8), 4),
      (RegionOfInterest(x: 9, y: 3, width: 6, height: 4), 2),
      (RegionOfInterest(x: 20, y: 12, width: 4, height: 4), 1),
      // What will be refused is not reduced.
      (RegionOfInterest(x: 1, y: 0, width: 24, height: 16), 1),
      (RegionOfInterest(x: .max, y: .min, width: .max, height: .max), 1),
    ])
  func region(region: RegionOfInterest, factor: Int) throws {
    let target = DecodingTarget(width: 3, height: 2, region: region)
    let image = try decode(SmallJPEG.baseline, for: target)
    #expect(image.reduction?.factor == (factor == 1 ? nil : factor))
  }

  @Test("takes regions from the upright picture", arguments: 1...8)
  func uprightRegion(value: Int) throws {
    let block = ExifBlock.orientation(UInt16(value), isLittleEndian: true)
    let file = ExifBlock.inserted(block, intoJPEG: SmallJPEG.baseline)
    let (width, height) = value >= 5 ? (16, 24) : (24, 16)
    let corner = RegionOfInterest(x: width - 8, y: height - 4, width: 8, height: 4)
    let target = DecodingTarget(width: 2, height: 1, region: corner)
    #expect(try decode(file, for: target).reduction?.factor == 4)
  }

  @Test("holds the full size against the limits")
  func limits() throws {
    var options = DecodingOptions()
    options.target = DecodingTarget(width: 1, height: 1)
    options.limits.pixelCount = 24 * 16 - 1
    let error = DecodingError.tooManyPixels(width: 24, height: 16, limit: 24 * 16 - 1)
    #expect(throws: error) { try decode(SmallJPEG.baseline, options: options) }
    options.limits.pixelCount += 1
    #expect(try decode(SmallJPEG.baseline, options: options).frame.width == 3)
  }

  @Test("judges files that are cut short as otherwise")
  func truncated() throws {
    let file = Array(SmallJPEG.baseline.dropLast(20))
    var options = DecodingOptions()
    options.target = DecodingTarget(width: 6, height: 4)
    #expect { try decode(file, options: options) } throws: { error in
      (error as? DecodingError)?.isTruncatedOrDamaged ?? false
    }
    options.allowsTruncated = true
    let image = try decode(file, options: options)
    #expect(image.frame.width == 6)
    #expect(image.warnings.count == 1)
  }

  @Test("leaves other formats alone")
  func otherFormats() throws {
    let png = PNGWriter(SmallJPEG.original).file
    let image = try decode(png, for: DecodingTarget(width: 1, height: 1))
    #expect(image.reduction == nil)
    #expect(image.pixels == SmallJPEG.original)
  }

  @Test(
    "gives nearly the mean of the pixels that it leaves out",
    .enabled(if: Fixtures.hasPhotographs, "the photographs are missing; run scripts/setup"),
    arguments: [2, 4, 8])
  func photograph(factor: Int) throws {
    let path = Fixtures.photograph("rocket.jpg")
    let full = try ImageFile.decode(contentsOf: path).pixels
    var options = DecodingOptions()
    options.target = DecodingTarget(width: 640 / factor, height: 427 / factor)
    let reduced = try ImageFile.decode(contentsOf: path, options: options).pixels
    #expect(reduced.width == 640 / factor)
    #expect(reduced.height == (427 + factor - 1) / factor)
    var difference = 0.0
    for y in 0..<427 / factor {
      for x in 0..<640 / factor {
        let square = full.cropped(x: x * factor, y: y * factor, width: factor, height: factor)
        for (channel, value) in reduced.pixel(x, y).enumerated() {
          let sum = stride(from: channel, to: square.bytes.count, by: 3).reduce(0) {
            $0 + Int(square.bytes[$1])
          }
          difference += (Double(value) - Double(sum) / Double(factor * factor)).magnitude
        }
      }
    }
    #expect(difference / Double(640 / factor * (427 / factor) * 3) < 1.5)
  }

  private func decode(
    _ bytes: [UInt8], for target: DecodingTarget
  ) throws(DecodingError) -> DecodedImage {
    var options = DecodingOptions()
    options.target = target
    return try ImageFilesTests.decode(bytes, options: options)
  }

  private func decode(
    _ bytes: [UInt8], options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    try ImageFilesTests.decode(bytes, options: options)
  }
}

@Suite("Regions of reduced pictures")
struct ReductionTests {
  @Test("have their edges at the nearest pixels, and one pixel at least", arguments: [2, 4, 8])
  func edges(factor: Int) {
    for length in 1...35 {
      let reduction = Reduction(factor: factor, fullWidth: length, fullHeight: 1)
      let frameLength = (length + factor - 1) / factor
      for start in 0..<length {
        for end in start + 1...length {
          let region = reduction.region(
            RegionOfInterest(x: start, y: 0, width: end - start, height: 1))
          #expect(region.y == 0 && region.height == 1)
          #expect(region.x >= 0 && region.width >= 1 && region.x + region.width <= frameLength)
          // Twice the distance of each edge from where it belongs, in pixels of the picture.
          let errors = [
            2 * (region.x * factor - start), 2 * ((region.x + region.width) * factor - end),
          ]
          let isNearest = errors.allSatisfy { abs($0) <= factor }
          #expect(isNearest || region.width == 1, "\(start) to \(end) of \(length)")
        }
      }
      let whole = RegionOfInterest(x: 0, y: 0, width: length, height: 1)
      #expect(reduction.region(nil) == reduction.region(whole))
    }
  }
}
