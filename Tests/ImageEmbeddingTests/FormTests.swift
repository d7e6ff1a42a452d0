import EmbedderTestSupport
import Testing

@testable import ImageEmbedding

@Suite("Models of every form", .enabled(if: Fixtures.hasLiteRt, runtimeMissing))
struct FormTests {
  private func options(_ form: FormCase) throws -> ImageEmbedder.Options {
    var options = ImageEmbedder.Options(model: .file(path: form.path))
    options.pooling = try form.pool.map { try #require(Pooling(rawValue: $0)) }
    options.mapLayout = try form.layout.map { try #require(TensorLayout(rawValue: $0)) }
    options.signature = form.signature
    return options
  }

  @Test("give the interpreter's vectors, again and again", arguments: FormCase.sound)
  func vectors(form: FormCase) throws {
    let embedder = try ImageEmbedder(options: options(form))
    #expect(embedder.heads.map(\.dimension) == form.vectors.map(\.count))
    for _ in 1...3 {
      let found = try embedder.embed(FormCase.picture.frame()).embeddings
      try #require(found.count == form.vectors.count)
      for (embedding, right) in zip(found, form.vectors) {
        let floats = try #require(embedding.featureVector.floats)
        #expect(difference(floats, right, tolerance: 1e-5) == nil)
      }
    }
  }

  @Test(
    "are refused where there is no vector, by a sentence that leads on", arguments: FormCase.refused
  )
  func refusals(form: FormCase) throws {
    let options = try options(form)
    let error = try #require(throws: EmbedderError.self) { try ImageEmbedder(options: options) }
    for words in form.refused { #expect("\(error)".contains(words), "\(error)") }
    #expect(!"\(error)".contains("damaged"), "\(error)")
    // What is said without the runtime is the same.
    let info = try? ModelInfo(of: options)
    if let known = info?.firstError {
      #expect(error == .modelRequirement(model: form.path, known))
    }
  }

  @Test("are there")
  func casesAreThere() {
    #expect(FormCase.sound.count >= 150)
    #expect(FormCase.refused.count >= 60)
  }

  @Test("cost one image, not a batch, where the batch is written nowhere else")
  func batches() throws {
    for (model, batch) in [
      ("nhwc_float32_four_vector", 1), ("nchw_int8_four_map", 1), ("nhwc_float32_four_tokens", 4),
      ("nhwc_float32_one_vector", 1),
    ] {
      var options = ImageEmbedder.Options(model: .file(path: Fixtures.form(model)))
      options.pooling = model.hasSuffix("vector") ? nil : .mean
      let embedder = try ImageEmbedder(options: options)
      #expect(embedder.batch == batch, "\(model)")
    }
  }

  @Test("have heads named by the metadata, or else by their signature")
  func names() throws {
    var options = ImageEmbedder.Options(
      model: .file(path: Fixtures.form("signatures_of_one_graph")))
    options.signature = "both"
    options.pooling = .mean
    let heads = try ImageEmbedder(options: options).heads
    #expect(heads.map(\.name) == ["feature_vector", "patches"])
    let info = try ModelInfo(of: options)
    #expect(info.file.signatures.map(\.name) == ["serving_default", "tokens", "both"])
    #expect(
      info.file.signatures.map { $0.outputs.map(\.name) } == [
        ["embedding"], ["patches"], ["embedding", "patches"],
      ])
  }

  @Test("have what was said about them in the fingerprint, where it makes a difference")
  func fingerprints() throws {
    func fingerprint(
      _ model: String, _ change: (inout ImageEmbedder.Options) -> Void = { _ in }
    ) throws -> Fingerprint {
      var options = ImageEmbedder.Options(model: .file(path: Fixtures.form(model)))
      change(&options)
      return try ImageEmbedder(options: options).fingerprint
    }
    let model = "signatures_of_one_graph"
    let plain = try fingerprint(model)
    #expect(try fingerprint(model) { $0.signature = "serving_default" } == plain)
    #expect(
      try fingerprint(model) {
        $0.signature = "tokens"
        $0.pooling = .mean
      } != plain)
    let map = "nhwc_float32_one_map"
    let mean = try fingerprint(map) { $0.pooling = .mean }
    #expect(try fingerprint(map) { $0.pooling = .max } != mean)
    #expect(
      try fingerprint(map) {
        $0.pooling = .mean
        $0.mapLayout = .nhwc
      } == mean)
  }
}
