import DuplicateFinding
import EmbedderFrameBuffers
import EmbedderTestSupport
import Testing

@Suite("A copy of a photograph", .enabled(if: Fixtures.hasPhotographs, "photographs are needed"))
struct CopyTests {
  /// What is done to a photograph, and the transform that is told of it.
  static let changes:
    [(name: String, transform: String, change: @Sendable (PixelImage) -> PixelImage)] =
      [
        ("halved", "none", { $0.halved }),
        ("quartered", "none", { $0.halved.halved }),
        ("darker", "none", { $0.mapped { UInt8(Int($0) * 6 / 10) } }),
        ("brighter", "none", { $0.mapped { UInt8(min(255, Int($0) * 13 / 10)) } }),
        ("gray", "none", { $0.gray }),
        ("mirrored", "mirror", { $0.upright(exifOrientation: 2) }),
        ("upside down", "turn 180", { $0.upright(exifOrientation: 3) }),
        ("turned", "turn 90", { $0.turnedClockwise(quarterTurns: 1) }),
        ("turned back", "turn 270", { $0.turnedClockwise(quarterTurns: 3) }),
        ("mirrored at the diagonal", "mirror, turn 270", { $0.upright(exifOrientation: 5) }),
        ("cropped by a tenth", "crop", { $0.cropped(x: 30, y: 10, width: 406, height: 270) }),
        ("cropped by a third", "crop", { $0.cropped(x: 80, y: 60, width: 302, height: 201) }),
        ("covered in part", "none", { $0.covered(x: 40..<300, y: 220..<260, value: 255) }),
      ]

  @Test("is found and told by how it was made", arguments: Self.changes.map(\.name))
  func isFound(name: String) throws {
    let (_, transform, change) = try #require(Self.changes.first { $0.name == name })
    try PictureFolder.with { folder in
      // A width of which a quarter is whole, so that nothing is cut off by halving it.
      let photograph = try Photographs.rgb("chelsea.png")
        .cropped(x: 0, y: 0, width: 448, height: 300)
      try folder.write(photograph, "a.png")
      try folder.write(change(photograph), "b.png")
      let report = try DuplicateFinder(folder.embed(["a.png", "b.png"])).find()
      #expect(report.namedPairs == ["a.png b.png copies"])
      #expect(report.pairs[0].cosine == 1)
      // The second picture is what the first becomes when it is turned back.
      let told = try #require(report.pairs[0].transform)
      #expect("\(told)" == Self.inverse[transform] ?? transform)
      #expect(report.groups.map(\.tier) == [.copies])
    }
  }

  static let inverse = ["turn 90": "turn 270", "turn 270": "turn 90"]

  /// What brings pairs near to the limits of a proof.
  enum Nearness: CaseIterable {
    /// The lightest parts are cut off.
    case lighter, muchLighter, twiceAsLight
    /// One picture shows at an edge what the other does not.
    case moved, movedFurther
    case mirroredPart, quartered

    func change(_ image: PixelImage) -> PixelImage {
      let (width, height) = (image.width, image.height)
      return switch self {
      case .lighter: Self.lighter(image, 12)
      case .muchLighter: Self.lighter(image, 15)
      case .twiceAsLight: Self.lighter(image, 20)
      case .moved: image.cropped(x: 1, y: 0, width: width - 1, height: height)
      case .movedFurther: image.cropped(x: 3, y: 1, width: width - 3, height: height - 1)
      case .mirroredPart:
        image.upright(exifOrientation: 2)
          .cropped(x: 15, y: 5, width: width * 8 / 10, height: height * 8 / 10)
      case .quartered: image.halved.halved
      }
    }

    private static func lighter(_ image: PixelImage, _ tenths: Int) -> PixelImage {
      image.mapped { UInt8(min(255, Int($0) * tenths / 10)) }
    }
  }

  @Test(
    "is told alike whichever of the two comes first",
    arguments: ["chelsea", "coffee", "astronaut", "motorcycle_left"], Nearness.allCases)
  func orderDoesNotMatter(photograph: String, nearness: Nearness) throws {
    let original = try Photographs.rgb("\(photograph).png").halved
    func pair(_ first: PixelImage, _ second: PixelImage) throws -> DuplicateReport.Pair {
      try PictureFolder.with { folder in
        try folder.write(first, "a.png")
        try folder.write(second, "b.png")
        let report = try DuplicateFinder(folder.embed(["a.png", "b.png"])).find()
        return try report.pair("a.png", "b.png")
      }
    }
    let changed = nearness.change(original)
    let (forward, backward) = (try pair(original, changed), try pair(changed, original))
    #expect(forward.tier == backward.tier)
    #expect(forward.correlation == backward.correlation)
    #expect(forward.transform?.orientation == backward.transform?.inverse.orientation)
    for window in [\PictureTransform.firstWindow, \.secondWindow] {
      let (one, other) = (
        forward.transform?[keyPath: window], backward.transform?.inverse[keyPath: window]
      )
      for edge in [\PictureTransform.Window.x, \.y, \.width, \.height] {
        // A mirrored part is measured from the other side, which rounds.
        let difference = (one?[keyPath: edge] ?? 0) - (other?[keyPath: edge] ?? 0)
        #expect(difference.magnitude < 1e-5)
      }
    }
  }

  @Test("lies in a mirrored picture where the picture lies in it, from the other side")
  func inverseOfMirroredPart() {
    let transform = PictureTransform(
      orientation: .topRight, firstWindow: .init(x: 0.125, y: 0.25, width: 0.5, height: 0.375))
    // 1 - 0.125 - 0.5 from the left of the mirrored first picture.
    #expect(
      transform.inverse
        == PictureTransform(
          orientation: .topRight,
          secondWindow: .init(x: 0.375, y: 0.25, width: 0.5, height: 0.375)))
    #expect(transform.inverse.inverse == transform)
  }

  @Test("lies in a turned picture where the picture lies in it", arguments: Orientation.allCases)
  func inverseOfInverse(orientation: Orientation) {
    let transform = PictureTransform(
      orientation: orientation, firstWindow: .init(x: 0.125, y: 0.25, width: 0.5, height: 0.375),
      secondWindow: .init(x: 0, y: 0.5, width: 0.75, height: 0.25))
    #expect(transform.inverse.inverse == transform)
  }

  @Test("is found turned and mirrored although its vector is another", arguments: [2, 3, 6, 8])
  func needsNoVector(orientation: Int) throws {
    try PictureFolder.with { folder in
      let photograph = try Photographs.rgb("chelsea.png")
      try folder.write(photograph, "a.png")
      try folder.write(photograph.upright(exifOrientation: orientation), "b.png")
      let store = try folder.embed([("a.png", [1, 0]), ("b.png", [0, 1])])
      let report = try DuplicateFinder(store).find()
      #expect(report.namedPairs == ["a.png b.png copies"])
      #expect(report.pairs[0].cosine == 0)
    }
  }

  @Test("is none where two views of one thing are near each other")
  func viewsAreSimilar() throws {
    try PictureFolder.with { folder in
      for side in ["left", "right"] {
        try folder.write(try Photographs.rgb("motorcycle_\(side).png"), "\(side).png")
      }
      let report = try DuplicateFinder(folder.embed(["left.png", "right.png"])).find()
      #expect(report.namedPairs == ["left.png right.png similar"])
      #expect(report.namedGroups.map { $0.hasPrefix("similar") } == [true])
    }
  }

  @Test("is none of what only moved: that is for somebody to look at")
  func movedIsUnsure() throws {
    try PictureFolder.with { folder in
      let photograph = try Photographs.rgb("chelsea.png")
      // A gray thing that stands here in one picture and there in the other.
      try folder.write(photograph.covered(x: 20..<90, y: 20..<90, value: 110), "a.png")
      try folder.write(photograph.covered(x: 330..<400, y: 190..<260, value: 110), "b.png")
      let report = try DuplicateFinder(folder.embed(["a.png", "b.png"])).find()
      #expect(report.namedPairs == ["a.png b.png unsure"])
      #expect(report.groups.filter(\.tier.isDuplicate).isEmpty)
    }
  }

  @Test("is none where the camera has moved by a pixel: each picture shows what the other does not")
  func shotsAreUnsure() throws {
    try PictureFolder.with { folder in
      let photograph = try Photographs.rgb("chelsea.png")
      try folder.write(photograph.cropped(x: 0, y: 0, width: 448, height: 298), "a.png")
      try folder.write(photograph.cropped(x: 2, y: 1, width: 448, height: 298), "b.png")
      let report = try DuplicateFinder(folder.embed(["a.png", "b.png"])).find()
      #expect(report.namedPairs == ["a.png b.png unsure"])
      #expect(report.groups.filter(\.tier.isDuplicate).isEmpty)
    }
  }

  @Test("is told from other photographs, whatever their vectors say")
  func othersAreNone() throws {
    try PictureFolder.with { folder in
      let names = ["chelsea", "coffee", "astronaut", "motorcycle_left"]
      for name in names { try folder.write(try Photographs.rgb("\(name).png"), "\(name).png") }
      var finder = DuplicateFinder(try folder.embed(names.map { "\($0).png" }))
      finder.options.tiers = [.bytes, .pixels, .copies]
      let report = try finder.find()
      #expect(report.pairs.isEmpty)
      #expect(report.groups.isEmpty)
    }
  }

  @Test("is gray beside one in colour, which is said and decides what to keep")
  func grayBesideColor() throws {
    try PictureFolder.with { folder in
      let photograph = try Photographs.rgb("chelsea.png")
      try folder.write(photograph.gray, "a.png")
      try folder.write(photograph, "b.png")
      let report = try DuplicateFinder(folder.embed(["a.png", "b.png"])).find()
      #expect(report.pairs[0].reason.hasSuffix("one is gray and one in colour"))
      #expect(report.namedGroups == ["copies: b.png a.png"])
      #expect(report.groups[0].reason == "it is in colour")
    }
  }
}
