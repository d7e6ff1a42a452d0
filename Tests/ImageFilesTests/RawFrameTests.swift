import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderStorage
import EmbedderTestSupport
import Testing

@Suite("Raw frame files")
struct RawFrameTests {
  @Test("give their bytes as a frame", arguments: PixelFormat.allCases)
  func frames(format: PixelFormat) throws {
    let count = try format.byteCount(width: 5, height: 3)
    let content = [UInt8](0..<UInt8(count))
    let description = RawFrameDescription(
      format: format, width: 5, height: 3, orientation: .bottomLeft)
    try withTemporaryFolder { folder in
      try write(content, to: "\(folder)/frame")
      let frame = try ImageFile.readRawFrame(
        contentsOf: PathBytes("\(folder)/frame"), as: description)
      #expect(frame.format == format)
      #expect(frame.width == 5)
      #expect(frame.height == 3)
      #expect(frame.orientation == .bottomLeft)
      let view = frame.view
      let planes =
        Array(copying: view.firstPlane)
        + (format == .yv12
          ? Array(copying: view.thirdPlane) + Array(copying: view.secondPlane)
          : Array(copying: view.secondPlane) + Array(copying: view.thirdPlane))
      #expect(planes == content)
    }
  }

  @Test("are refused when they are of another size", arguments: [0, 1, 44, 46, 1000])
  func otherSizes(byteCount: Int) throws {
    let description = RawFrameDescription(format: .rgb, width: 5, height: 3)
    try withTemporaryFolder { folder in
      let path = "\(folder)/frame"
      try write(Array(repeating: 0, count: byteCount), to: path)
      let expected: DecodingError =
        byteCount == 0 ? .file(.empty(path: path)) : .rawFrameSize(found: byteCount, needed: 45)
      #expect(throws: expected) {
        try ImageFile.readRawFrame(contentsOf: PathBytes(path), as: description)
      }
    }
  }

  @Test("are refused for sides that no frame has", arguments: [(0, 3), (5, 32_769), (.max, .max)])
  func invalidSides(width: Int, height: Int) {
    let description = RawFrameDescription(format: .nv12, width: width, height: height)
    #expect(
      throws: DecodingError.frame(.invalidDimensions(width: width, height: height))
    ) {
      try ImageFile.readRawFrame(contentsOf: "/missing", as: description)
    }
  }

  @Test("are named when they do not exist")
  func missing() {
    let description = RawFrameDescription(format: .gray, width: 5, height: 3)
    #expect {
      try ImageFile.readRawFrame(contentsOf: "/missing/frame", as: description)
    } throws: { error in
      guard case .file(.system(path: "/missing/frame", _, _, _)) = error as? DecodingError else {
        return false
      }
      return true
    }
  }
}
