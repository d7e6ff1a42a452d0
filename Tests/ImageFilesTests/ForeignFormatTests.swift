import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Formats that are not read")
struct ForeignFormatTests {
  /// The first bytes of files of the format, by its specification or by files of Pillow's and
  /// TwelveMonkeys' test suites.
  static let starts: [(bytes: [UInt8], name: String)] =
    [
      ("\0\0\0\u{c}JXL \r\n", "JPEG XL"), ("\0\0\0\u{c}jP  \r\n", "JPEG 2000"), ("DDS |", "DDS"),
      ("qoif\0\0\0\u{5}", "QOI"), ("gimp xcf v011\0", "XCF"), ("icns\0\0\0\0", "ICNS"),
      ("<svg xmlns='x'/>", "SVG"), ("<?xml version='1.0'?>\n<!-- a > b -->\n<svg/>", "SVG"),
      ("<!DOCTYPE svg PUBLIC 'x'><svg/>", "SVG"), ("\u{feff} <svg/>", "SVG"),
      ("\0\0\0\u{18}ftypcrx \0\0\0\u{1}", "CR3"), ("FUJIFILMCCD-RAW 0201", "RAF"),
      ("IIU\0\u{8}\0\0\0", "RW2"), ("IIRO\u{8}\0\0\0", "ORF"), ("FOVb\0\0\u{3}\0", "X3F"),
      ("\0MRM\0\0\0\0", "MRW"), ("II\u{1a}\0\0\0HEAPCCDR", "CRW"), ("SIMPLE  = T", "FITS"),
      ("%!PS-Adobe-3.0 EPSF-3.0", "PostScript"), ("P7\nWIDTH 1\n", "PAM"), ("Pf\n1 1\n", "PFM"),
      ("/* XPM */", "XPM"),
    ].map { (Array($0.0.utf8), $0.1) } + [
      ([0xff, 0x0a, 0x00, 0x10], "JPEG XL"), ([0xff, 0x4f, 0xff, 0x51, 0x00, 0x29], "JPEG 2000"),
      ([0x76, 0x2f, 0x31, 0x01, 0x02, 0, 0, 0], "OpenEXR"), ([0x49, 0x49, 0xbc, 0x01], "JPEG XR"),
      ([0x49, 0x49, 0x2a, 0, 0x10, 0, 0, 0, 0x43, 0x52, 2, 0], "CR2"),
      ([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0x68, 4, 0, 0, 22, 0, 0, 0], "ICO"),
      ([0, 0, 2, 0, 1, 0, 32, 32, 0, 0, 1, 0, 1, 0, 0x30, 1, 0, 0, 22, 0, 0, 0], "CUR"),
      ([0x0a, 5, 1, 8, 0, 0, 0, 0, 9, 0, 9, 0] + Array(repeating: 0, count: 53) + [1], "PCX"),
      ([0x01, 0xda, 1, 1, 0, 3, 0, 70, 0, 46, 0, 3], "SGI"),
    ]

  @Test("are named, with what to do", arguments: starts.indices)
  func named(index: Int) {
    let (bytes, name) = Self.starts[index]
    let error = DecodingOutcome(of: bytes + Array(repeating: 0, count: 600)).error
    guard case .foreignFormat(let found, let advice) = error else {
      Issue.record("\(name): \(error.map { "\($0)" } ?? "accepted")")
      return
    }
    #expect(found.contains(name))
    #expect(!advice.isEmpty)
    #expect(
      error.map { "\($0)" }
        == "this is an image in the format \(found), which is not read; \(advice)")
  }

  /// TIFF directories as cameras write them: a preview, and the sensor's data below it.
  private static func cameraFile(
    maker: String, compression: Int, photometric: Int, isPreview: Bool, isDNG: Bool = false
  ) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func directory(_ entries: [(tag: Int, type: Int, count: Int, value: Int)]) -> [UInt8] {
      number(entries.count, 2)
        + entries.flatMap {
          number($0.tag, 2) + number($0.type, 2) + number($0.count, 4) + number($0.value, 4)
        } + [0, 0, 0, 0]
    }
    let name = Array(maker.utf8) + [0]
    let below = 8 + name.count
    let sensor = directory([
      (256, 4, 1, 8), (257, 4, 1, 8), (259, 3, 1, compression), (262, 3, 1, photometric),
    ])
    let main = directory(
      [
        (254, 4, 1, isPreview ? 1 : 0), (256, 4, 1, 1), (257, 4, 1, 1), (259, 3, 1, 1),
        (262, 3, 1, 1), (271, 2, name.count, 8), (273, 4, 1, 8), (278, 4, 1, 1), (279, 4, 1, 1),
        (330, 4, 1, below),
      ] + (isDNG ? [(50706, 1, 4, 1)] : []))
    return [0x49, 0x49, 0x2a, 0] + number(below + sensor.count, 4) + name + sensor + main
  }

  @Test(
    "are named where they are TIFF files of cameras",
    arguments: [
      ("NIKON CORPORATION", 34713, 32803, false, "Nikon NEF"), ("SONY", 32767, 32803, false, "ARW"),
      ("PENTAX", 65535, 32803, false, "PEF"), ("Google", 7, 32803, true, "DNG"),
      ("Apple", 7, 34892, true, "DNG"), ("SAMSUNG", 32770, 32803, false, "SRW"),
      ("Unheard of", 1, 32803, false, "a camera's TIFF"),
    ])
  func camera(maker: String, compression: Int, photometric: Int, isDNG: Bool, name: String) {
    let file = Self.cameraFile(
      maker: maker, compression: compression, photometric: photometric, isPreview: true,
      isDNG: isDNG)
    guard case .foreignFormat(let found, _) = DecodingOutcome(of: file).error else {
      Issue.record("\(maker) is not found")
      return
    }
    #expect(found.contains(name))
    for count in 8..<file.count { _ = DecodingOutcome(of: Array(file[..<count])) }
  }

  @Test("are not seen in a camera's TIFF file whose first page is the picture")
  func developed() throws {
    let file = Self.cameraFile(
      maker: "NIKON", compression: 1, photometric: 32803, isPreview: false)
    #expect(DecodingOutcome(of: file).image != nil)
  }

  @Test("are none of the odd files that are read")
  func read() throws {
    for file in try OddFile.all where file.expect != "refused" {
      #expect(DecodingOutcome(of: try contents(of: Fixtures.oddFile(file.name))).error == nil)
    }
  }
}
