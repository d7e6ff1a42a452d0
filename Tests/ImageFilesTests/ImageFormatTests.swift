import EmbedderImageFiles
import EmbedderTestSupport
import Testing

@Suite("Recognising formats")
struct ImageFormatTests {
  @Test("goes by the content")
  func known() throws {
    #expect(try recognized(SmallJPEG.baseline) == .jpeg)
    let image = PixelImage(patternOfWidth: 1, height: 1, channels: 3)
    #expect(try recognized(PNGWriter(image).file) == .png)
  }

  @Test(
    "describes what is no image",
    arguments: [
      ("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
      ("<!DOCTYPE html><html><svg/></html>", "an HTML or XML page"),
      ("<?xml version='1.0'?><rss/>", "an HTML or XML page"),
      ("%PDF-1.7\n%", "a PDF document"),
      ("PK\u{3}\u{4}", "a ZIP archive"),
      ("just some notes\r\n\tindented", "text"),
      ("\0\0\0\u{c}ftypisom", "a video or another file in the MP4 family"),
      (
        "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{9}",
        "bytes that begin with 01 02 03 04 05 06 07 08"
      ),
      ("\u{0}", "bytes that begin with 00"),
    ])
  func foreign(content: String, found: String) {
    #expect(throws: DecodingError.unknownFormat(found: found)) {
      try recognized(Array(content.utf8))
    }
  }

  @Test("does not call nothing text")
  func empty() {
    #expect {
      try recognized([])
    } throws: { error in
      guard case .unknownFormat(let found) = error as? DecodingError else { return false }
      return found != "text"
    }
  }

  @Test("needs the whole of a signature", arguments: 0..<8)
  func partialSignature(count: Int) {
    let image = PixelImage(patternOfWidth: 1, height: 1, channels: 3)
    let png = Array(PNGWriter(image).file[..<count])
    #expect(throws: DecodingError.self) { try recognized(png) }
    #expect(throws: DecodingError.self) { try recognized(Array([0xff, 0xd8].prefix(count))) }
  }

  @Test("never traps, for random bytes", arguments: 0..<3)
  func randomBytes(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<300 {
      let bytes = generator.bytes(Int.random(in: 0...300, using: &generator))
      #expect(DecodingOutcome(of: bytes).error != nil)
      // The same behind each signature.
      for signature in [
        [0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
      ] as [[UInt8]] {
        #expect(DecodingOutcome(of: signature + bytes).error != nil)
      }
    }
  }

  private func recognized(_ bytes: [UInt8]) throws -> ImageFormat {
    try ImageFormat(recognizing: unsafe bytes.span.bytes)
  }
}
