import DuplicateFinding
import EmbedderStorage
import EmbedderTestSupport
import EmbeddingStore
import Foundation
import Testing

@Suite("The file of proofs")
struct ProofFileTests {
  /// A picture, a turned and a brighter one, another one, and one that is much like it.
  private static let names = ["a.png", "b.png", "c.png", "d.png", "e.png"]

  private func makeStore(in folder: PictureFolder) throws -> EmbeddingStore {
    let (first, second) = (DuplicateFinderTests.picture(1), DuplicateFinderTests.picture(2))
    try folder.write(first, "a.png")
    try folder.write(first.upright(exifOrientation: 6), "b.png")
    try folder.write(first.mapped { UInt8(min(255, Int($0) + 12)) }, "c.png")
    try folder.write(second, "d.png")
    try folder.write(second.covered(x: 4..<20, y: 4..<20, value: 200), "e.png")
    return try folder.embed(Self.names)
  }

  private func proofFile(_ folder: PictureFolder) -> String {
    folder.file("store/derived/duplicates.proofs")
  }

  private func lines(_ report: DuplicateReport) -> [String] {
    report.pairs.map { "\($0)" } + report.groups.map { "\($0)" }
      + ["\(report.flat) \(report.failed)"]
  }

  /// What a search finds that keeps nothing.
  private func expected(_ store: EmbeddingStore) throws -> [String] {
    var options = DuplicateFinder.Options()
    options.storesPictures = false
    return lines(try DuplicateFinder(store, options: options).find())
  }

  @Test("changes nothing of what is found, and holds each pair once")
  func secondRun() throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      let expected = try expected(store)
      #expect(expected.count > 3)
      #expect(lines(try DuplicateFinder(store).find()) == expected)
      let file = try contents(of: proofFile(folder))
      #expect((file.count - 64) % 80 == 0)
      // Five pictures make ten pairs, each compared without crops at most once and with them at most once.
      #expect((10...20).contains((file.count - 64) / 80))
      #expect(lines(try DuplicateFinder(store).find()) == expected)
      #expect(try contents(of: proofFile(folder)) == file)
      try FileManager.default.removeItem(atPath: proofFile(folder))
      #expect(lines(try DuplicateFinder(store).find()) == expected)
      #expect(try contents(of: proofFile(folder)) == file)
    }
  }

  @Test("is what is asked, not the pictures again")
  func isUsed() throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      let first = try DuplicateFinder(store).find()
      #expect(first.pairs.contains { $0.tier == .copies })
      // All correlations become 0.5, whose bytes are 00 00 00 3f, with a checksum that fits.
      var bytes = try contents(of: proofFile(folder))
      for start in stride(from: 64, to: bytes.count, by: 80) where bytes[start + 33] > 0 {
        bytes.replaceSubrange(start + 40..<start + 44, with: [0, 0, 0, 0x3f])
      }
      let digest = unsafe SHA256Digest(of: Array(bytes[64...]).span.bytes)
      for word in 0..<4 {
        let text = digest.description.dropFirst(16 * word).prefix(16)
        let value = try #require(UInt64(text, radix: 16))
        for index in 0..<8 {
          bytes[24 + 8 * word + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
      }
      try write(bytes, to: proofFile(folder))
      let second = try DuplicateFinder(store).find()
      #expect(second.namedPairs == first.namedPairs)
      #expect(second.pairs.filter { $0.tier == .copies }.allSatisfy { $0.correlation == 0.5 })
      #expect(try contents(of: proofFile(folder)) == bytes)
    }
  }

  @Test(
    "is made again where it is torn, cut or of other rules, and tells nothing wrong",
    arguments: [0, 7, 8, 12, 16, 21, 24, 40, 63, 64, 96, 97, 110, -1, -4, -80])
  func torn(place: Int) throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      let expected = lines(try DuplicateFinder(store).find())
      let whole = try contents(of: proofFile(folder))
      var bytes = whole
      bytes[place < 0 ? bytes.count + place : place] ^= 0x41
      try write(bytes, to: proofFile(folder))
      let report = try DuplicateFinder(store).find()
      #expect(lines(report) == expected)
      // Whose first bytes are not ours, a file is left alone; another is whole again.
      let isForeign = 0..<8 ~= place
      #expect(try contents(of: proofFile(folder)) == (isForeign ? bytes : whole))
      #expect(
        report.warnings.map { $0.contains("not written by image-embedder") }
          == (isForeign ? [true] : []))
      guard !isForeign else { return }
      try write(Array(whole.prefix(whole.count * 2 / 3)), to: proofFile(folder))
      #expect(lines(try DuplicateFinder(store).find()) == expected)
      #expect(try contents(of: proofFile(folder)) == whole)
    }
  }

  @Test("holds nothing of a picture that was changed, and what it looks like now")
  func changedPicture() throws {
    try PictureFolder.with { folder in
      _ = try DuplicateFinder(try makeStore(in: folder)).find()
      let former = try contents(of: proofFile(folder))
      try folder.write(DuplicateFinderTests.picture(3), "a.png", comment: "another")
      try FileManager.default.moveItem(
        atPath: folder.file("store/derived"), toPath: folder.file("derived"))
      try FileManager.default.removeItem(atPath: folder.storePath)
      let store = try folder.embed(Self.names)
      let expected = try expected(store)
      try FileManager.default.removeItem(atPath: folder.file("store/derived"))
      try FileManager.default.moveItem(
        atPath: folder.file("derived"), toPath: folder.file("store/derived"))
      let report = try DuplicateFinder(store).find()
      #expect(lines(report) == expected)
      #expect(!report.namedPairs.contains { $0.hasPrefix("a.png") && $0.hasSuffix("copies") })
      let file = try contents(of: proofFile(folder))
      #expect(file != former)
      try FileManager.default.removeItem(atPath: proofFile(folder))
      _ = try DuplicateFinder(store).find()
      #expect(try contents(of: proofFile(folder)) == file)
    }
  }

  @Test("is whole after a search that was given up")
  func cancelled() throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      let expected = try expected(store)
      for most in [1, 2, 3, 5, 8, 13, 21] {
        var askedCount = 0
        _ = try? DuplicateFinder(store).find(isCancelled: {
          askedCount += 1
          return askedCount > most
        })
        #expect(lines(try DuplicateFinder(store).find()) == expected)
        try? FileManager.default.removeItem(atPath: proofFile(folder))
      }
    }
  }

  @Test("costs nothing but the saving where it cannot be written")
  func obstacle() throws {
    try PictureFolder.with { folder in
      let store = try makeStore(in: folder)
      let expected = lines(try DuplicateFinder(store).find())
      try FileManager.default.removeItem(atPath: proofFile(folder))
      try FileManager.default.createDirectory(
        atPath: proofFile(folder), withIntermediateDirectories: false)
      let report = try DuplicateFinder(store).find()
      #expect(lines(report) == expected)
      #expect(report.warnings.map { $0.hasSuffix("are compared again the next time") } == [true])
    }
  }
}
