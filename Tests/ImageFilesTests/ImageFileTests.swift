import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@Suite("Image files")
struct ImageFileTests {
  private static let pattern = PixelImage(patternOfWidth: 5, height: 4, channels: 4)

  @Test("are decoded whatever they are called", arguments: ["a.png", "a.jpg", "a", "a.txt", "ä 猫"])
  func names(name: String) throws {
    try withTemporaryFolder { folder in
      try write(PNGWriter(Self.pattern).file, to: "\(folder)/\(name)")
      #expect(try ImageFile.decode(contentsOf: "\(folder)/\(name)").pixels == Self.pattern)
    }
  }

  @Test("give the same from a path as from memory")
  func pathAndMemory() throws {
    try withTemporaryFolder { folder in
      try write(SmallJPEG.progressive, to: "\(folder)/a")
      let fromFile = try ImageFile.decode(contentsOf: "\(folder)/a")
      #expect(try decode(SmallJPEG.progressive).pixels == fromFile.pixels)
    }
  }

  @Test("that cannot be read are named in the error")
  func unreadable() throws {
    try withTemporaryFolder { folder in
      let missing = "\(folder)/missing.png"
      let reason = unsafe String(cString: strerror(ENOENT))
      expect(
        .system(path: missing, operation: "open", errno: ENOENT, reason: reason), missing)
      expect(.notAFile(path: folder, kind: "a folder"), folder)
      try write([], to: "\(folder)/empty.png")
      expect(.empty(path: "\(folder)/empty.png"), "\(folder)/empty.png")
      expect(.invalidPath(path: ""), "")
      expect(.notAFile(path: "/dev/zero", kind: "a device"), "/dev/zero")
    }
  }

  @Test("above the limit of bytes are not read")
  func byteLimit() throws {
    let file = PNGWriter(Self.pattern).file
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.png"
      try write(file, to: path)
      var limits = DecodingLimits()
      limits.fileByteCount = file.count
      #expect(
        try ImageFile.decode(contentsOf: path, options: options(limits)).pixels == Self.pattern)
      limits.fileByteCount -= 1
      expect(.tooLarge(path: path, byteCount: file.count, limit: file.count - 1), path, limits)
    }
  }

  @Test("in memory are held against the same limit")
  func byteLimitInMemory() throws {
    let file = PNGWriter(Self.pattern).file
    var limits = DecodingLimits()
    limits.fileByteCount = file.count - 1
    #expect(throws: DecodingError.tooManyBytes(found: file.count, limit: file.count - 1)) {
      try decode(file, limits: limits)
    }
  }

  @Test(
    "explain what is wrong in a sentence",
    arguments: [
      (
        DecodingError.unknownFormat(found: "a PDF document"),
        "this is not an image but a PDF document; supported are "
          + ImageFormat.allCases.map(\.rawValue).joined(separator: ", ")
      ),
      (
        .truncated(.png, details: "end of file"),
        "the PNG image is cut short (end of file); a complete file is needed"
      ),
      (.damaged(.jpeg, details: "bad table"), "the JPEG image is damaged: bad table"),
      (.unsupported(.jpeg, details: "CMYK"), "this JPEG image cannot be decoded: CMYK"),
      (
        .tooManyPixels(width: 3, height: 4, limit: 11),
        "the image is 3 x 4 pixels; at most 11 pixels are accepted"
      ),
      (.file(.empty(path: "x")), "\(FileError.empty(path: "x"))"),
      (
        .frame(.invalidDimensions(width: 0, height: 1)),
        "\(FrameBufferError.invalidDimensions(width: 0, height: 1))"
      ),
      (
        .rawFrameSize(found: 11, needed: 12),
        "the file has 11 bytes; a raw frame of the given format and size has 12"
      ),
      (.outOfMemory(OutOfMemory(byteCount: 7)), "\(OutOfMemory(byteCount: 7))"),
    ])
  func texts(error: DecodingError, expected: String) {
    #expect("\(error)" == expected)
  }

  private func options(_ limits: DecodingLimits) -> DecodingOptions {
    var options = DecodingOptions()
    options.limits = limits
    return options
  }

  private func expect(
    _ error: FileError, _ path: String, _ limits: DecodingLimits = DecodingLimits(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: DecodingError.file(error), sourceLocation: sourceLocation) {
      try ImageFile.decode(contentsOf: path, options: options(limits))
    }
  }
}
