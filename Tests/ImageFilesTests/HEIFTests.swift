import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("HEIC and AVIF")
struct HEIFTests {
  @Test(
    "keep their opacity where it belongs to two pictures",
    arguments: ["heic-alpha-two-targets.heic", "heic-alpha-two-targets-32.heic"])
  func sharedOpacity(name: String) throws {
    let single = try ImageFile.decode(contentsOf: Fixtures.oddFile("heic-alpha.heic"))
    let shared = try ImageFile.decode(contentsOf: Fixtures.oddFile(name))
    // The same coded pictures.
    #expect(single.frame.format == .rgba)
    #expect(shared.pixels == single.pixels)
  }

  @Test(
    "have the picture itself where a gain map, EXIF or a thumbnail belongs to two",
    arguments: ["heic-gain-map.heic", "heic-gain-map-thumbnail.heic", "heic-tmap-main.heic"])
  func gainMap(name: String) throws {
    let plain = try ImageFile.decode(contentsOf: Fixtures.oddFile("heic-alpha.heic"))
    let found = try ImageFile.decode(contentsOf: Fixtures.oddFile(name))
    #expect(found.frame.format == .rgb)
    #expect(found.pixels == plain.pixels.withoutAlpha())
    #expect(found.warnings.isEmpty)
  }

  @Test("of 10 bits are stored as they are when orientation is not to count")
  func storedDeep() throws {
    var options = DecodingOptions()
    options.honorsOrientation = false
    let name = Fixtures.oddFile("heic-10-bit-mirror-5.heic")
    let stored = try ImageFile.decode(contentsOf: name, options: options)
    let turned = try ImageFile.decode(contentsOf: name)
    #expect(stored.frame.orientation == .topLeft)
    // The crop to an odd size is one of the transforms.
    #expect((stored.frame.width, stored.frame.height) == (64, 64))
    #expect((turned.uprightWidth, turned.uprightHeight) == (40, 27))
  }

  @Test(
    "of limited range reach from black to white",
    arguments: ["heic-gray-limited.heic", "avif-gray-limited.avif"])
  func limitedRange(name: String) throws {
    let image = try ImageFile.decode(contentsOf: Fixtures.oddFile(name))
    let right = try ImageFile.decode(contentsOf: Fixtures.oddFile("png-gray-8.png"))
    #expect(image.isGray)
    let (found, expected) = (image.pixels.bytes, right.pixels.bytes)
    for (level, wanted) in [(found.min(), expected.min()), (found.max(), expected.max())] {
      #expect(abs(Int(try #require(level)) - Int(try #require(wanted))) <= 8)
    }
  }

  @Test(
    "whose coded picture is larger than they say are held against the limits",
    arguments: ["heic-claims-less.heic", "avif-claims-less.avif"])
  func lie(name: String) throws {
    var options = DecodingOptions()
    options.limits.pixelCount = 1 << 20
    #expect(throws: DecodingError.tooManyPixels(width: 3200, height: 3200, limit: 1 << 22)) {
      try ImageFile.decode(contentsOf: Fixtures.oddFile(name), options: options)
    }
  }

  @Test(
    "with many frames are held against the limits for all of them",
    arguments: ["heic-claims-less.heic", "avif-claims-less.avif"])
  func manyFrames(name: String) throws {
    // The data forty times over; the boxes say where it is and how long.
    var file = try contents(of: Fixtures.oddFile(name))
    let data = try #require(file.indices.first { file[$0...].starts(with: Array("mdat".utf8)) }) + 4
    let coded = Array(file[data...])
    let length = (0..<4).map { UInt8(truncatingIfNeeded: coded.count >> (8 * (3 - $0))) }
    let place = try #require(file.indices.first { file[$0...].starts(with: length) })
    let total = coded.count * 40
    for index in 0..<4 {
      file[place + index] = UInt8(truncatingIfNeeded: total >> (8 * (3 - index)))
    }
    for index in 0..<4 {
      file[data - 8 + index] = UInt8(truncatingIfNeeded: (total + 8) >> (8 * (3 - index)))
    }
    for _ in 1..<40 { file += coded }
    var options = DecodingOptions()
    options.limits.pixelCount = 100 << 20
    let error = DecodingOutcome(of: file, options: options).error
    guard case .unsupported(_, let details) = error else {
      Issue.record("\(error.map { "\($0)" } ?? "accepted")")
      return
    }
    #expect(details.contains("40 frames of 3200 x 3200 pixels"))
  }

  @Test("without a still picture say so")
  func film() throws {
    let error = DecodingOutcome(of: try contents(of: Fixtures.oddFile("avif-no-still.avif"))).error
    #expect("\(try #require(error))".contains("animation or a film without a still picture"))
  }

  /// Pillow 13.0.0 (libavif 1.4.2) has 3.11 levels between neighbours, and these mean colours; without
  /// grain there are 1.43.
  @Test("have their film grain")
  func filmGrain() throws {
    let pixels = try ImageFile.decode(contentsOf: Fixtures.oddFile("avif-film-grain.avif")).pixels
    let greens = stride(from: 1, to: pixels.bytes.count, by: 3).map { Int(pixels.bytes[$0]) }
    let steps = zip(greens, greens.dropFirst()).enumerated()
      .filter { !($0.offset + 1).isMultiple(of: pixels.width) }
      .map { abs($0.element.0 - $0.element.1) }
    #expect(abs(Double(steps.reduce(0, +)) / Double(steps.count) - 3.11) < 0.4)
    for (channel, mean) in [147.5, 112.2, 86.8].enumerated() {
      let sum = stride(from: channel, to: pixels.bytes.count, by: 3)
        .reduce(0) { $0 + Int(pixels.bytes[$1]) }
      #expect(abs(Double(sum) / Double(greens.count) - mean) < 1)
    }
  }

  @Test(
    "that are cut are refused wherever they end",
    arguments: ["heic-gain-map.heic", "heic-10-bit-mirror-5.heic", "avif-avis.avif"])
  func cuts(name: String) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    #expect(acceptedLengths(of: file).isEmpty)
    #expect(misjudgedLengths(of: file, from: 44).isEmpty)
  }

  /// Every place in the boxes of a file that we change is untrusted.
  @Test(
    "survive any change of one byte of their description",
    arguments: [
      "heic-gain-map-thumbnail.heic", "heic-alpha-two-targets-32.heic",
      "heic-10-bit-mirror-7.heic", "avif-10-bit-mirror.avif",
    ],
    [UInt8(0), 1, 0x7f, 0xff])
  func changes(name: String, value: UInt8) throws {
    let file = try contents(of: Fixtures.oddFile(name))
    let end = try #require(file.indices.first { file[$0...].starts(with: Array("mdat".utf8)) })
    var options = DecodingOptions()
    options.limits.pixelCount = 1 << 20
    for place in 0..<end {
      var changed = file
      changed[place] = value
      // Whatever it is then: a picture within the limits, or an error.
      if let image = DecodingOutcome(of: changed, options: options).image {
        #expect(image.width * image.height <= 1 << 20)
      }
    }
  }
}
