import EmbedderFrameBuffers
import EmbedderPreprocessing
import EmbedderTestSupport
import Testing

/// A YUV picture whose planes tests can put into any format.
struct YUVPicture {
  let width: Int
  let height: Int
  let y: [UInt8]
  let u: [UInt8]
  let v: [UInt8]

  var chromaWidth: Int { (width + 1) / 2 }
  var chromaHeight: Int { (height + 1) / 2 }

  init(randomOfWidth width: Int, height: Int, using generator: inout SeededGenerator) {
    self.width = width
    self.height = height
    let chromaCount = (width + 1) / 2 * ((height + 1) / 2)
    y = generator.bytes(width * height)
    u = generator.bytes(chromaCount)
    v = generator.bytes(chromaCount)
  }

  /// The packed bytes of the picture in one of the YUV formats.
  func bytes(_ format: PixelFormat) -> [UInt8] {
    switch format {
    case .nv12: y + interleaved(u, v)
    case .nv21: y + interleaved(v, u)
    case .yv12: y + v + u
    default: y + u + v
    }
  }

  func interleaved(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    zip(first, second).flatMap { [$0, $1] }
  }

  /// RGB by the integer formula of BT.601's limited range that the reference's library uses; chroma is
  /// that of the pixel's block of two by two, counted from (`x`, `y`) of the region's corner.
  func rgb(region: RegionOfInterest) -> PixelImage {
    var bytes: [UInt8] = []
    for row in 0..<region.height {
      for column in 0..<region.width {
        let luma = Int(y[(region.y + row) * width + region.x + column])
        let chroma = (region.y / 2 + row / 2) * chromaWidth + region.x / 2 + column / 2
        bytes += Self.rgb(luma, Int(u[chroma]), Int(v[chroma]))
      }
    }
    return PixelImage(width: region.width, height: region.height, channels: 3, bytes: bytes)
  }

  static func rgb(_ y: Int, _ u: Int, _ v: Int) -> [UInt8] {
    let luma = (y * 0x0101 * 18_997) >> 16
    let red = (luma + 102 * v - 14_216) >> 6
    let green = (luma - 25 * u - 52 * v + 8_696) >> 6
    let blue = (luma + 128 * u - 17_544) >> 6
    return [red, green, blue].map { UInt8(min(max($0, 0), 255)) }
  }
}

@Suite("YUV frames")
struct YUVFrameTests {
  static let formats: [PixelFormat] = [.nv12, .nv21, .yv12, .yv21]

  #if arch(x86_64)
  @Test("become RGB by the reference's formula, odd sizes and corners too", arguments: formats)
  func formula(format: PixelFormat) throws {
    var generator = SeededGenerator(seed: 41)
    var preprocessor = Preprocessor(encoding: .uint8)
    for (width, height) in [(64, 48), (31, 17), (1, 1), (2, 1), (1, 2), (33, 32)] {
      let picture = YUVPicture(randomOfWidth: width, height: height, using: &generator)
      let whole = RegionOfInterest(x: 0, y: 0, width: width, height: height)
      var regions = [whole]
      if width > 20 {
        regions += [
          RegionOfInterest(x: 4, y: 2, width: 11, height: 9),
          RegionOfInterest(x: 5, y: 3, width: 12, height: 8),
          RegionOfInterest(x: width - 1, y: height - 1, width: 1, height: 1),
        ]
      }
      for region in regions {
        let found = try pixels(picture, format, region: region, &preprocessor)
        let expected = picture.rgb(region: region)
        #expect(difference(found.bytes, expected.bytes) == nil, "\(width) x \(height) \(region)")
      }
    }
  }
  #endif

  @Test(
    "are the same in both interleaved formats, and in both planar ones",
    arguments: Orientation.allCases)
  func equalFormats(orientation: Orientation) throws {
    var generator = SeededGenerator(seed: 42)
    var preprocessor = Preprocessor(encoding: .uint8)
    for (width, height) in [(20, 14), (9, 31)] {
      let picture = YUVPicture(randomOfWidth: width, height: height, using: &generator)
      for (targetWidth, targetHeight) in [(8, 6), (7, 5), (40, 30)] {
        let all = try Self.formats.map { format in
          try pixels(
            picture, format, orientation: orientation, width: targetWidth, height: targetHeight,
            &preprocessor)
        }
        #expect(all[0] == all[1])
        #expect(all[2] == all[3])
      }
    }
  }

  @Test(
    "are brought upright as RGB would be where both sides are even", arguments: formats,
    Orientation.allCases)
  func orientations(format: PixelFormat, orientation: Orientation) throws {
    var generator = SeededGenerator(seed: 43)
    var preprocessor = Preprocessor(encoding: .uint8)
    for (width, height) in [(8, 6), (30, 22), (17, 9)] {
      let picture = YUVPicture(randomOfWidth: width, height: height, using: &generator)
      let (storedWidth, storedHeight) = orientation.swapsWidthAndHeight ? (6, 8) : (8, 6)
      let stored = try pixels(
        picture, format, width: storedWidth, height: storedHeight, &preprocessor)
      let found = try pixels(
        picture, format, orientation: orientation, width: 8, height: 6, &preprocessor)
      #expect(found == stored.upright(exifOrientation: Int(orientation.rawValue)))
    }
  }

  @Test("are the same with padded rows", arguments: formats, [1, 2, 11])
  func padding(format: PixelFormat, padding: Int) throws {
    var generator = SeededGenerator(seed: 44)
    let picture = YUVPicture(randomOfWidth: 15, height: 9, using: &generator)
    var preprocessor = Preprocessor(encoding: .uint8)
    let stride = 15 + padding
    let chromaStride = format.arrangement == .biplanar ? max(stride, 16) : (stride + 1) / 2
    let second =
      switch format {
      case .nv12: picture.interleaved(picture.u, picture.v)
      case .nv21: picture.interleaved(picture.v, picture.u)
      case .yv12: picture.v + picture.u
      default: picture.u + picture.v
      }
    let chromaRowLength = format.arrangement == .biplanar ? 16 : 8
    let bytes =
      padded(picture.y, rowLength: 15, stride: stride)
      + padded(second, rowLength: chromaRowLength, stride: chromaStride)
    let frame = try FrameBuffer(
      bytes: bytes, width: 15, height: 9, format: format, orientation: .rightTop, rowStride: stride)
    for (width, height) in [(8, 6), (9, 15), (20, 21)] {
      let found = try preprocessor.bytes(
        of: frame.view, region: frame.view.fullRegion, width: width, height: height)
      let expected = try pixels(
        picture, format, orientation: .rightTop, width: width, height: height, &preprocessor)
      #expect(difference(found, expected.bytes) == nil)
    }
  }

  @Test("are the same in one piece, in two and in three")
  func pieces() throws {
    var generator = SeededGenerator(seed: 45)
    let picture = YUVPicture(randomOfWidth: 15, height: 9, using: &generator)
    var preprocessor = Preprocessor(encoding: .uint8)
    let chroma = picture.interleaved(picture.u, picture.v)
    let two = try FrameView(
      luma: unsafe picture.y.span.bytes, chroma: unsafe chroma.span.bytes, width: 15, height: 9,
      format: .nv12)
    let three = try FrameView(
      y: unsafe picture.y.span.bytes, u: unsafe picture.u.span.bytes,
      v: unsafe picture.v.span.bytes, width: 15, height: 9)
    let region = RegionOfInterest(x: 1, y: 2, width: 13, height: 7)
    for (width, height) in [(8, 6), (13, 7)] {
      let fromTwo = try preprocessor.bytes(of: two, region: region, width: width, height: height)
      let nv12 = try pixels(
        picture, .nv12, region: region, width: width, height: height, &preprocessor)
      #expect(fromTwo == nv12.bytes)
      let fromThree = try preprocessor.bytes(
        of: three, region: region, width: width, height: height)
      let yv21 = try pixels(
        picture, .yv21, region: region, width: width, height: height, &preprocessor)
      #expect(fromThree == yv21.bytes)
    }
  }

  @Test("do not depend on what was made before", arguments: formats)
  func independence(format: PixelFormat) throws {
    var generator = SeededGenerator(seed: 46)
    var used = Preprocessor(encoding: .uint8)
    for _ in 0..<30 {
      let picture = YUVPicture(
        randomOfWidth: Int.random(in: 1...70, using: &generator),
        height: Int.random(in: 1...70, using: &generator), using: &generator)
      let orientation = Orientation.allCases.randomElement(using: &generator) ?? .topLeft
      var fresh = Preprocessor(encoding: .uint8)
      let found = try pixels(
        picture, format, orientation: orientation, width: 9, height: 7, &used)
      let expected = try pixels(
        picture, format, orientation: orientation, width: 9, height: 7, &fresh)
      #expect(found == expected)
    }
  }

  /// What the preprocessor makes of a picture; by default at the region's own size.
  private func pixels(
    _ picture: YUVPicture, _ format: PixelFormat, orientation: Orientation = .topLeft,
    region: RegionOfInterest? = nil, width: Int? = nil, height: Int? = nil,
    _ preprocessor: inout Preprocessor
  ) throws -> PixelImage {
    let frame = try FrameBuffer(
      bytes: picture.bytes(format), width: picture.width, height: picture.height, format: format,
      orientation: orientation)
    let region = region ?? frame.view.fullRegion
    let (width, height) = (width ?? region.width, height ?? region.height)
    let bytes = try preprocessor.bytes(
      of: frame.view, region: region, width: width, height: height)
    return PixelImage(width: width, height: height, channels: 3, bytes: bytes)
  }

  private func padded(_ rows: [UInt8], rowLength: Int, stride: Int) -> [UInt8] {
    PixelImage(width: rowLength, height: rows.count / rowLength, channels: 1, bytes: rows)
      .padded(by: stride - rowLength)
  }
}
