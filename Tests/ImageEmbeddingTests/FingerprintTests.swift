import EmbedderTestSupport
import ImageEmbedding
import Testing

@Suite(
  "A fingerprint",
  .enabled(if: Fixtures.hasLiteRt, "the LiteRT library is missing; run scripts/setup"))
struct FingerprintTests {
  static func embedder(
    _ change: (inout ImageEmbedder.Options) -> Void = { _ in }
  ) throws -> ImageEmbedder {
    var options = ImageEmbedder.Options(model: .file(path: Fixtures.model("identity_float_8x6")))
    change(&options)
    return try ImageEmbedder(options: options)
  }

  /// Stored vectors name it, so it never changes.
  ///
  /// The digest is what `sha256sum` says of the text.
  @Test("is the SHA-256 of the settings that are not at their default")
  func golden() throws {
    let fingerprint = try Self.embedder().fingerprint
    #expect(
      fingerprint.settingsText
        == #"{"model_sha256":"dbbcef6e647c5ff23f781d69bf7d6cbf50b67a6b85a7e9e264855839ac14d210","normalization":{"mean":[127.5,127.5,127.5],"std":[127.5,127.5,127.5]}}"#
    )
    #expect(
      fingerprint.description == "c7ce77d4acea74d29b503abcf63d2b9e54fc0bec68524ff32bc58f29303cee05")
  }

  @Test("is the same for one number of a normalization and for three that are equal")
  func normalization() throws {
    let one = try Self.embedder {
      $0.normalization = try? Normalization(mean: [127.5], std: [127.5])
    }
    #expect(try one.fingerprint == Self.embedder().fingerprint)
    let other = try Self.embedder { $0.normalization = try? Normalization(mean: [127], std: [128]) }
    #expect(try other.fingerprint != Self.embedder().fingerprint)
  }

  @Test("names every option that changes a vector")
  func options() throws {
    let embedder = try Self.embedder { options in
      options.l2Normalize = true
      options.quantize = true
      options.decoding.honorsOrientation = false
      options.decoding.allowsTruncated = true
      options.rotation = .clockwise90
      options.alpha = .white
      options.decodingQuality = .fast
      options.preset = .antialiasedV1
    }
    let fingerprint = embedder.fingerprint(
      region: RegionOfInterest(x: 1, y: 2, width: 3, height: 4),
      rawFrame: RawFrameDescription(format: .rgb, width: 8, height: 6, orientation: .topLeft))
    #expect(
      fingerprint.settingsText.hasSuffix(
        #","l2_normalize":true,"quantize":true,"exif":false,"rotation":90,"region":[1,2,3,4],"#
          + #""raw":"rgb:8x6:1","alpha":"white","decode":"fast","preset":"antialiased-v1","#
          + #""allow_truncated":true}"#))
    #expect(try fingerprint != Self.embedder().fingerprint)
  }

  @Test(
    "names the accelerator, also as 0.1.0 would have, unless it is the processor's kernels",
    arguments: Accelerator.allCases)
  func accelerators(accelerator: Accelerator) throws {
    try withTemporaryFolder { folder in
      let plain = try Self.embedder()
      let embedder = try Self.embedder { options in
        options.accelerator = accelerator
        options.acceleratorLibraryPath = accelerator == .cpu ? nil : "/a/library.so"
        // No machine has them all: a worker that says it does stands in for each.
        options.isolation = try? FakeWorker(outputShape: [1, 144], in: folder).isolation
      }
      let member = #","accelerator":"\#(accelerator.rawValue)"}"#
      let isPlain = accelerator == .cpu
      #expect(embedder.fingerprint.settingsText.hasSuffix(member) == !isPlain)
      #expect((embedder.fingerprint == plain.fingerprint) == isPlain)
      #expect(
        embedder.fingerprint.settingsText.replacing(member, with: "}")
          == plain.fingerprint.settingsText)
      let first = [embedder, plain].map {
        $0.fingerprintOfFirstVersion(region: nil, rawFrame: nil, storedType: "float32")
      }
      #expect((first[0] == first[1]) == isPlain)
      let settings = try RecordedSettings(embedder.fingerprint.settingsText)
      #expect(settings.options.accelerator == accelerator)
      #expect(settings.areMet(by: embedder, fingerprint: embedder.fingerprint.description))
      #expect(
        settings.areMet(by: plain, fingerprint: embedder.fingerprint.description) == isPlain)
    }
  }

  @Test("names bfloat16 beside the accelerator, and single precision nowhere")
  func precision() throws {
    try withTemporaryFolder { folder in
      let embedders = try Precision.allCases.map { precision in
        try Self.embedder { options in
          options.accelerator = .openVINO
          options.precision = precision
          options.isolation = try? FakeWorker(outputShape: [1, 144], in: folder).isolation
        }
      }
      let texts = embedders.map(\.fingerprint.settingsText)
      #expect(texts[0].hasSuffix(#","accelerator":"openvino"}"#))
      #expect(texts[1].hasSuffix(#","accelerator":"openvino","precision":"bfloat16"}"#))
      let settings = try RecordedSettings(texts[1])
      #expect(settings.options.precision == .bfloat16)
      let recorded = embedders[1].fingerprint.description
      #expect(settings.areMet(by: embedders[1], fingerprint: recorded))
      #expect(!settings.areMet(by: embedders[0], fingerprint: recorded))
      let error = #expect(throws: RecordedSettings.Defect.self) {
        try RecordedSettings(texts[1].replacing("bfloat16", with: "float8"))
      }
      #expect(error?.description.contains(#"'precision' is "float8""#) == true)
    }
  }

  @Test("of an accelerator that is unknown cannot be followed, and says which it is")
  func unknownAccelerator() throws {
    let text = try Self.embedder().fingerprint.settingsText.dropLast()
    let error = #expect(throws: RecordedSettings.Defect.self) {
      try RecordedSettings(#"\#(text),"accelerator":"abacus"}"#)
    }
    #expect(error?.description.contains(#"'accelerator' is "abacus""#) == true)
  }

  @Test("leaves out what changes no vector")
  func others() throws {
    let plain = try Self.embedder().fingerprint
    let other = try Self.embedder { options in
      options.threadCount = 2
      options.decoding.limits.pixelCount = 1_000_000
    }
    #expect(other.fingerprint == plain)
  }
}
