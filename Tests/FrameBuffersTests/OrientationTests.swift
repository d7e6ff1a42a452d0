import EmbedderFrameBuffers
import EmbedderTestSupport
import Testing

@Suite("Orientation")
struct OrientationTests {
  /// A picture of which no two orientations look alike.
  static let grid = PixelImage(width: 3, height: 2, channels: 1, bytes: [1, 2, 3, 4, 5, 6])

  @Test("has the numbers of EXIF, 1 to 8, and no others")
  func numbers() {
    #expect(Orientation.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6, 7, 8])
    for value in UInt8.min...UInt8.max where !(1...8).contains(value) {
      #expect(Orientation(rawValue: value) == nil)
    }
  }

  @Test(
    "is corrected by a turn and then a mirror, as EXIF defines it", arguments: Orientation.allCases)
  func correction(orientation: Orientation) {
    let (turns, mirrors) = orientation.correction
    #expect((0..<4).contains(turns))
    let turned = Self.grid.turnedClockwise(quarterTurns: (4 - turns) % 4)
    let corrected = mirrors ? mirrored(turned) : turned
    #expect(corrected == Self.grid.upright(exifOrientation: Int(orientation.rawValue)))
  }

  @Test("makes eight different pictures of one")
  func distinctness() {
    let pictures = Orientation.allCases.map {
      Self.grid.upright(exifOrientation: Int($0.rawValue))
    }
    #expect(Set(pictures).count == 8)
  }

  @Test("swaps width and height from the fifth on", arguments: Orientation.allCases)
  func swapping(orientation: Orientation) {
    #expect(orientation.swapsWidthAndHeight == (orientation.rawValue >= 5))
    let upright = Self.grid.upright(exifOrientation: Int(orientation.rawValue))
    #expect(orientation.swapsWidthAndHeight == (upright.width == Self.grid.height))
  }

  @Test(
    "followed by a turn of the upright picture is the orientation that does both",
    arguments: Orientation.allCases, Rotation.allCases)
  func rotated(orientation: Orientation, rotation: Rotation) {
    let upright = Self.grid.upright(exifOrientation: Int(orientation.rawValue))
    let expected = upright.turnedClockwise(quarterTurns: rotation.rawValue / 90)
    let both = orientation.rotated(by: rotation)
    #expect(Self.grid.upright(exifOrientation: Int(both.rawValue)) == expected)
  }

  @Test("turns add up", arguments: Rotation.allCases, Rotation.allCases)
  func composition(first: Rotation, second: Rotation) throws {
    let sum = try #require(Rotation(rawValue: (first.rawValue + second.rawValue) % 360))
    for orientation in Orientation.allCases {
      #expect(
        orientation.rotated(by: first).rotated(by: second) == orientation.rotated(by: sum))
    }
  }

  @Test("only knows turns by quarters")
  func rotations() {
    #expect(Rotation.allCases.map(\.rawValue) == [0, 90, 180, 270])
    #expect(Rotation(rawValue: 45) == nil)
    #expect(Rotation(rawValue: -90) == nil)
    #expect(Rotation(rawValue: 360) == nil)
  }

  private func mirrored(_ image: PixelImage) -> PixelImage {
    image.rearranged(width: image.width, height: image.height) { (image.width - 1 - $0, $1) }
  }
}
