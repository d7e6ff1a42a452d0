import EmbedderTestSupport
import Foundation
import Testing

@testable import ImageEmbedding

@Suite("Bundles of models")
struct BundleTests {
  private static let pixels = Fixtures.model("identity_uint8_8x6")

  private static func info(_ bundle: String, member: String = "") throws -> ModelInfo {
    try ModelInfo(of: .file(path: Fixtures.bundle(bundle) + member))
  }

  // MARK: What is taken

  @Test(
    "give their only model, however it is stored",
    arguments: [
      ("one", "model.tflite"), ("deflated", "model.tflite"), ("padded", "model.tflite"),
      ("padding_not_counted", "model.tflite"), ("without_ending", "MODEL"),
      ("one_of_two", "folder/embedder.tflite"),
    ])
  func only(bundle: String, member: String) throws {
    let info = try Self.info(bundle)
    #expect(info.firstError == nil)
    #expect(info.bundleMember == member)
    #expect(info.byteCount == (try contents(of: Self.pixels).count))
    let content = try contents(of: Fixtures.bundle(bundle))
    let fromMemory = try ModelInfo(of: .bytes(content))
    #expect(fromMemory.file == info.file && fromMemory.bundleMember == member)
  }

  @Test(
    "give the model that is named",
    arguments: [("two", "second.tflite"), ("two", "first.tflite"), ("none_of_two", "a.tflite")])
  func named(bundle: String, member: String) throws {
    let info = try Self.info(bundle, member: "#\(member)")
    #expect(info.bundleMember == member)
    #expect((info.firstError == nil) == (bundle == "two"))
  }

  @Test("give an only model that cannot be used too, for its own refusal")
  func unusable() throws {
    #expect(try Self.info("unusable").firstError == .inputCount(2))
    #expect(try Self.info("without_normalization").firstError == .missingNormalization(.float32))
  }

  @Test("give the model that can be used with the normalization that is given")
  func normalization() throws {
    let source = ModelSource.file(path: Fixtures.bundle("none_of_two"))
    let info = try ModelInfo(of: source, normalization: Normalization(mean: [1], std: [1]))
    #expect(info.firstError == nil && info.bundleMember == "b.tflite")
  }

  @Test("are not looked for where a file has such a name itself")
  func hash() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/one.task#model.tflite"
      try FileManager.default.copyItem(atPath: Fixtures.bundle("one"), toPath: "\(folder)/one.task")
      #expect(try ModelInfo(of: .file(path: path)).bundleMember == "model.tflite")
      try FileManager.default.copyItem(atPath: Fixtures.model("constant_3_4"), toPath: path)
      let info = try ModelInfo(of: .file(path: path))
      #expect(info.bundleMember == nil)
      #expect(info.byteCount == (try contents(of: path).count))
    }
  }

  @Test(
    "embed as their model does, with its fingerprint",
    .enabled(if: Fixtures.hasLiteRt, runtimeMissing),
    arguments: ["one", "deflated", "padded"])
  func embedding(bundle: String) throws {
    let frame = try PixelImage(patternOfWidth: 9, height: 7, channels: 3).frame()
    let alone = try makeEmbedder("identity_uint8_8x6")
    let embedder = try ImageEmbedder(modelPath: Fixtures.bundle(bundle))
    #expect(try embedder.pixels(frame) == alone.pixels(frame))
    #expect(embedder.modelDigest() == alone.modelDigest())
    #expect(embedder.fingerprint == alone.fingerprint)
  }

  @Test("can be annotated: the copy is of their model alone")
  func annotated() throws {
    var annotations = ModelAnnotations()
    annotations.name = "name"
    let copy = try ImageEmbedder.annotated(
      .file(path: Fixtures.bundle("deflated")), with: annotations)
    let alone = try ImageEmbedder.annotated(.file(path: Self.pixels), with: annotations)
    #expect(copy == alone)
  }

  // MARK: What is refused

  @Test(
    "are refused in one sentence each",
    arguments: [
      ("two", BundleError.severalModels(["first.tflite", "second.tflite"], usableCount: 2)),
      ("none_of_two", .severalModels(["a.tflite", "b.tflite"], usableCount: 0)),
      ("many", .severalModels((0..<20).map { "\($0).tflite" }, usableCount: nil)),
      ("no_model", .noModel(memberCount: 1)), ("empty", .noModel(memberCount: 0)),
      ("nested", .nested(member: "inner.task")), ("encrypted", .encrypted(member: "model.tflite")),
      ("method", .unsupportedMethod(member: "model.tflite", 12)),
      ("in_64_bits", .unsupportedSize),
      ("repeated", .severalModels(["model.tflite", "model.tflite"], usableCount: 2)),
      ("wrong_checksum", .wrongContent(member: "model.tflite")),
      ("wrong_content", .wrongContent(member: "model.tflite")),
      ("shorter_than_stated", .wrongContent(member: "model.tflite")),
      (
        "stated_2_gigabytes",
        .damaged(
          .outOfBounds(part: "member 'model.tflite'", offset: 90, byteCount: 850))
      ),
      (
        "bomb",
        .bomb(member: "model.tflite", compressedByteCount: 32_663, byteCount: 64 + (32 << 20))
      ),
      (
        "stated_bomb",
        .bomb(member: "model.tflite", compressedByteCount: 298, byteCount: .init(Int32.max))
      ),
      ("entry_elsewhere", .damaged(.missing(part: "member 'model.tflite'"))),
      ("truncated", .damaged(.missing(part: "directory at its end"))),
    ])
  func refused(bundle: String, error: BundleError) throws {
    let path = Fixtures.bundle(bundle)
    #expect(throws: EmbedderError.bundle(model: path, error)) { try Self.info(bundle) }
    let sentence = "\(EmbedderError.bundle(model: path, error))"
    #expect(sentence.hasPrefix("model '\(path)': ") && !sentence.contains("\n"))
  }

  @Test("are refused where what is named in them is not there, or not once")
  func wrongNames() throws {
    for (bundle, member, error) in [
      (
        "two", "third.tflite",
        .noSuchMember("third.tflite", models: ["first.tflite", "second.tflite"])
      ),
      ("two", "", .noSuchMember("", models: ["first.tflite", "second.tflite"])),
      ("repeated", "model.tflite", .repeatedName("model.tflite")),
    ] as [(String, String, BundleError)] {
      let path = Fixtures.bundle(bundle) + "#" + member
      #expect(throws: EmbedderError.bundle(model: path, error)) {
        try ModelInfo(of: .file(path: path))
      }
    }
    let model = Self.pixels + "#member"
    #expect(throws: EmbedderError.bundle(model: model, .notABundle(member: "member"))) {
      try ModelInfo(of: .file(path: model))
    }
    #expect(throws: EmbedderError.self) { try ModelInfo(of: .file(path: "/missing.task#a")) }
    let labels = Fixtures.bundle("one") + "#labels.txt"
    #expect(
      throws: EmbedderError.modelContent(
        model: labels, .notAModel(found: "something without the identifier TFL3"))
    ) { try ModelInfo(of: .file(path: labels)) }
  }

  @Test("of damaged bytes are refused or give a whole model", arguments: 0..<6)
  func damage(seed: Int) throws {
    let names = ["one", "deflated", "padded", "two", "one_of_two", "in_64_bits"]
    let bytes = try contents(of: Fixtures.bundle(names[seed]))
    var generator = SeededGenerator(seed: UInt64(seed))
    let right = try ModelInfo(of: .file(path: Self.pixels)).file
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        damaged[Int.random(in: damaged.indices, using: &generator)] =
          UInt8.random(in: 0...255, using: &generator)
      }
      // The checksum stands between a damaged model and a vector.
      if let info = try? ModelInfo(of: .bytes(damaged)), info.bundleMember != nil {
        #expect(info.file == right || names[seed] == "two" || names[seed] == "one_of_two")
      }
    }
  }
}
