import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderTestSupport
import Foundation
import Testing

/// What tflite-support 0.4.4 made of a JPEG file.
struct ReferenceJPEG: Decodable, Sendable, CustomTestStringConvertible {
  let photograph: String?
  let oddFile: String?
  let size: [Int]?
  let sha256: String?

  var path: String { photograph.map(Fixtures.photograph) ?? Fixtures.oddFile(oddFile ?? "") }
  var testDescription: String { photograph ?? oddFile ?? "" }

  static var all: [ReferenceJPEG] {
    get throws {
      struct Golden: Decodable { let cases: [ReferenceJPEG] }
      return try Fixtures.golden("jpeg", as: Golden.self).cases
        .filter { $0.photograph == nil || Fixtures.hasPhotographs }
    }
  }
}

@Suite("JPEG files decoded as the Task Library does")
struct TaskLibraryJPEGTests {
  private static let options: DecodingOptions = {
    var options = DecodingOptions()
    options.decodesJPEGAsTaskLibrary = true
    options.honorsOrientation = false
    return options
  }()

  /// The scans that only libjpeg-turbo reads as they were meant; the Task Library's decoder loses some.
  private static let lostOnes = ["jpeg-progression-order.jpg"]

  @Test(
    "have its pixels to the bit, if their data is sound",
    arguments: try ReferenceJPEG.all.filter { $0.sha256 != nil })
  func pixels(reference: ReferenceJPEG) throws {
    guard (try? ImageFile.decode(contentsOf: reference.path)) != nil,
      !Self.lostOnes.contains(reference.testDescription)
    else { return }
    let image = try ImageFile.decode(contentsOf: reference.path, options: Self.options)
    let frame = try image.frameAsStored()
    let size = [frame.width, frame.height, frame.format == .gray ? 1 : 3]
    #expect(size == reference.size)
    #expect(sha256(Array(copying: frame.view.firstPlane)) == reference.sha256)
  }

  @Test("are nearly all of its kinds of files")
  func coverage() throws {
    let sound = try ReferenceJPEG.all.filter { $0.sha256 != nil }
    #expect(sound.count > 50)
    let refused = sound.filter { (try? ImageFile.decode(contentsOf: $0.path)) == nil }
    #expect(
      refused.map(\.testDescription) == [
        "jpeg-corrupt-restart.jpg", "jpeg-missing-scan.jpg", "jpeg-no-quantization.jpg",
        "jpeg-progression-gap.jpg",
      ])
  }

  @Test(
    "are refused, or warned of, as otherwise",
    arguments: try OddFile.all.filter { $0.name.hasPrefix("jpeg-") })
  func outcomes(file: OddFile) throws {
    let plain = try? ImageFile.decode(contentsOf: Fixtures.oddFile(file.name))
    let other = try? ImageFile.decode(
      contentsOf: Fixtures.oddFile(file.name), options: Self.options)
    #expect((plain == nil) == (other == nil))
    #expect(plain?.warnings ?? [] == other?.warnings.filter { !$0.contains("Task Library") } ?? [])
  }

  @Test(
    "are libjpeg-turbo's where the Task Library's decoder does not read them, which is said",
    arguments: [
      "jpeg-arithmetic.jpg", "jpeg-extraneous.jpg", "jpeg-missing-eoi.jpg",
      "jpeg-progression-order.jpg",
    ])
  func otherDecoder(name: String) throws {
    let plain = try ImageFile.decode(contentsOf: Fixtures.oddFile(name))
    let image = try ImageFile.decode(contentsOf: Fixtures.oddFile(name), options: Self.options)
    #expect(image.pixels == plain.pixels)
    #expect(image.warnings.count { $0.contains("Task Library's decoder") } == 1)
  }

  @Test("without Huffman tables are no guess of its decoder")
  func missingTables() throws {
    // As in a frame of a motion JPEG: the standard's tables are meant, with which this file was made.
    var file = SmallJPEG.cmyk
    while let table = file.indices.first(where: { file[$0...].starts(with: [0xff, 0xc4]) }) {
      file.removeSubrange(table..<table + 2 + Int(file[table + 2]) << 8 + Int(file[table + 3]))
    }
    let image = try decode(file, options: Self.options)
    #expect(image.pixels == (try decode(SmallJPEG.cmyk).pixels))
    #expect(image.warnings.count == 1)
  }

  @Test("cut short are decoded as far as they go when told to")
  func truncated() throws {
    var options = Self.options
    options.allowsTruncated = true
    let file = Array(SmallJPEG.baseline.dropLast(8))
    let image = try decode(file, options: options)
    options.decodesJPEGAsTaskLibrary = false
    #expect(image.pixels == (try decode(file, options: options).pixels))
    #expect(image.warnings.count == 2)
  }

  @Test("are decoded in full, whatever the target")
  func target() throws {
    var options = Self.options
    options.target = DecodingTarget(width: 3, height: 2)
    let image = try decode(SmallJPEG.baseline, options: options)
    #expect(image.reduction == nil)
    #expect(image.frame.width == 24)
  }

  @Test("are turned upright by their EXIF data, unless that is not to count")
  func orientation() throws {
    var options = Self.options
    let path = Fixtures.oddFile("jpeg-orientation-6.jpg")
    #expect(try ImageFile.decode(contentsOf: path, options: options).frame.orientation == .topLeft)
    options.honorsOrientation = true
    #expect(try ImageFile.decode(contentsOf: path, options: options).frame.orientation == .rightTop)
  }

  @Test("never trap, for thousands of random damages", arguments: DamagedJPEGTests.files.indices)
  func randomDamage(index: Int) {
    var generator = SeededGenerator(seed: UInt64(index))
    var refusedCount = 0
    for _ in 0..<1500 {
      let file = generator.damaging(DamagedJPEGTests.files[index])
      let outcome = DecodingOutcome(of: file, options: Self.options)
      if outcome.error != nil { refusedCount += 1 }
    }
    #expect(refusedCount > 500)
  }

  @Test("are held against the limits")
  func limits() throws {
    var options = Self.options
    options.limits.pixelCount = 24 * 16 - 1
    #expect(throws: DecodingError.tooManyPixels(width: 24, height: 16, limit: 24 * 16 - 1)) {
      try decode(SmallJPEG.baseline, options: options)
    }
  }
}
