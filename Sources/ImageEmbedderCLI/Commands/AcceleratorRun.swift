import ImageEmbedding

/// A picture's way through a model on an accelerator, some times over.
struct AcceleratorRun {
  /// The vectors of the test picture.
  let embeddings: [Embedding]
  /// The median of what an inference took.
  let milliseconds: Double

  /// The most inferences that are measured, and the seconds after which no more are begun.
  private static let limit = (runs: 9, seconds: 1.0)

  /// Embeds a test picture.
  ///
  /// - Parameters:
  ///   - embedder: The model on the accelerator.
  ///   - info: What is known of the model.
  /// - Throws: ``EmbedderError`` where the model fails on pictures of all sizes.
  init(of embedder: ImageEmbedder, _ info: ModelInfo) throws(EmbedderError) {
    let (frame, embeddings) = try Self.firstRun(embedder, info)
    self.embeddings = embeddings
    var seconds: [Double] = []
    var total = 0.0
    while seconds.count < Self.limit.runs, seconds.isEmpty || total < Self.limit.seconds {
      var durations = StageDurations()
      _ = try embedder.embed(.frame(frame), in: nil, measuring: &durations)
      seconds.append(durations.inference.seconds)
      total += durations.inference.seconds
    }
    milliseconds = 1000 * seconds.median
  }

  /// Embeds a picture of the first size that the model takes.
  private static func firstRun(
    _ embedder: ImageEmbedder, _ info: ModelInfo
  ) throws(EmbedderError) -> (FrameBuffer, [Embedding]) {
    var firstError: EmbedderError?
    let isOpen = info.file.inputs.first.map { input in
      input.shape.indices.contains { input.isDynamic(axis: $0) }
    }
    // A fixed input makes its own size of any picture.
    for side in isOpen == true ? [224, 256, 128, 64, 32, 512, 1] : [224] {
      do throws(EmbedderError) {
        let frame = try testPicture(side: side)
        return (frame, try embedder.embed(frame).embeddings)
      } catch {
        firstError = firstError ?? error
      }
    }
    throw firstError ?? .modelRequirement(model: info.source.description, .inputCount(0))
  }

  /// Gradients and noise, the same on every machine.
  private static func testPicture(side: Int) throws(EmbedderError) -> FrameBuffer {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * side * side)
    var state: UInt32 = 0x9e37_79b9
    for row in 0..<side {
      for column in 0..<side {
        for level in [row, column, row + column] {
          // Marsaglia's xorshift.
          state ^= state << 13
          state ^= state >> 17
          state ^= state << 5
          bytes.append(UInt8(truncatingIfNeeded: 127 * level / (2 * side)) + UInt8(state >> 25))
        }
      }
    }
    do {
      return try FrameBuffer(bytes: bytes, width: side, height: side, format: .rgb)
    } catch {
      throw .preprocessing(.frame(error))
    }
  }
}
