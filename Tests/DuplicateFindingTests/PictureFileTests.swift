import DuplicateFinding
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

@Suite("The file of small pictures")
struct PictureFileTests {
  private func makeStore(in folder: PictureFolder) throws -> EmbeddingStore {
    for (name, seed) in [("a.png", 1), ("b.png", 1), ("c.png", 2)] {
      try folder.write(
        DuplicateFinderTests.picture(UInt64(seed)).upright(
          exifOrientation: name == "b.png" ? 6 : 1),
        name)
    }
    return try folder.embed(["a.png", "b.png", "c.png"])
  }

  @Test("spares a second run the pictures")
  func secondRun() throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      var stages: Set<DuplicateFinder.Stage> = []
      let first = try DuplicateFinder(store).find(progress: { stage, _, _ in stages.insert(stage) })
      #expect(stages.contains(.pictures))
      let file = try contents(of: folder.pictureFile)
      stages = []
      let second = try DuplicateFinder(store).find(progress: { stage, _, _ in stages.insert(stage) }
      )
      #expect(!stages.contains(.pictures))
      #expect(second.pairs == first.pairs)
      #expect(try contents(of: folder.pictureFile) == file)
    }
  }

  @Test(
    "is made again where it is torn, and tells nothing wrong",
    arguments: [
      0, 7, 8, 12, 16, 20, 40, 70, 4000, -1, -60, -100, -128,
    ])
  func torn(place: Int) throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      let expected = try DuplicateFinder(store).find().pairs
      let whole = try contents(of: folder.pictureFile)
      var bytes = whole
      bytes[place < 0 ? bytes.count + place : place] ^= 0x41
      try write(bytes, to: folder.pictureFile)
      #expect(try DuplicateFinder(store).find().pairs == expected)
      // Whose first bytes are not ours, a file is left alone; another is whole again.
      var stages: Set<DuplicateFinder.Stage> = []
      _ = try DuplicateFinder(store).find(progress: { stage, _, _ in stages.insert(stage) })
      #expect(stages.contains(.pictures) == (0..<8 ~= place))
      #expect(try !(0..<8 ~= place) || contents(of: folder.pictureFile) == bytes)
      guard !(0..<8 ~= place) else { return }
      try write(Array(whole.prefix(whole.count * 2 / 3)), to: folder.pictureFile)
      #expect(try DuplicateFinder(store).find().pairs == expected)
      #expect(try contents(of: folder.pictureFile) == whole)
    }
  }

  @Test("is never put in the place of a file that is not ours")
  func foreignFile() throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      try FileManager.default.createDirectory(
        atPath: folder.file("store/derived"), withIntermediateDirectories: true)
      try write(Array("a letter".utf8), to: folder.pictureFile)
      let report = try DuplicateFinder(store).find()
      #expect(report.namedPairs.contains("a.png b.png copies"))
      #expect(report.warnings.map { $0.contains("not written by image-embedder") } == [true])
      #expect(try contents(of: folder.pictureFile) == Array("a letter".utf8))
    }
  }

  @Test("holds what a picture looks like now")
  func changedPicture() throws {
    try PictureFolder.with { folder in
      _ = try DuplicateFinder(try makeStore(in: folder)).find()
      try folder.write(DuplicateFinderTests.picture(2), "a.png", comment: "another")
      try FileManager.default.moveItem(
        atPath: folder.file("store/derived"), toPath: folder.file("derived"))
      try FileManager.default.removeItem(atPath: folder.storePath)
      let store = try folder.embed(["a.png", "b.png", "c.png"])
      try FileManager.default.moveItem(
        atPath: folder.file("derived"), toPath: folder.file("store/derived"))
      let report = try DuplicateFinder(store).find()
      #expect(report.namedPairs.filter { !$0.hasSuffix("similar") } == ["a.png c.png pixels"])
    }
  }
}
