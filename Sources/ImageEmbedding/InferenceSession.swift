import EmbedderEmbeddings
import EmbedderFrameBuffers
import EmbedderInference
import EmbedderModelMetadata
import EmbedderPreprocessing

/// One compiled model with everything that one image at a time needs: a single thread's workplace.
///
/// Sendable because the pool hands it to one thread at a time.
final class InferenceSession: @unchecked Sendable {
  private let model: any InferenceModel
  private let modelName: String
  private let input: ImageInput
  private let heads: [ImageEmbedder.Head]
  private let l2Normalize: Bool
  private let quantize: Bool
  private let pooling: Pooling?
  private var preprocessor: Preprocessor

  init(
    model: any InferenceModel, input: ImageInput, heads: [ImageEmbedder.Head],
    options: ImageEmbedder.Options
  ) {
    self.model = model
    modelName = options.model.description
    self.input = input
    self.heads = heads
    l2Normalize = options.l2Normalize
    quantize = options.quantize
    pooling = options.pooling
    preprocessor = Preprocessor(
      encoding: input.encoding, alpha: options.alpha, preset: options.preset,
      isPlanar: input.layout == .nchw)
  }

  /// Embeds a region of a frame that lies inside it, in pixels of the stored frame, and adds what it
  /// took.
  func embed(
    _ frame: borrowing FrameView, in region: RegionOfInterest, _ durations: inout StageDurations
  ) throws(EmbedderError) -> [Embedding] {
    let start = ContinuousClock.now
    let upright = frame.orientation.turned(width: region.width, height: region.height)
    let shape = input.shape(width: upright.width, height: upright.height)
    let (width, height) = (shape[input.layout.widthAxis], shape[input.layout.heightAxis])
    do {
      try model.prepare(inputShape: shape)
    } catch {
      throw failure(error, width: width, height: height)
    }
    try model.writeInput { bytes throws(EmbedderError) in
      // The first of a batch; the others stay as they are.
      var picture = bytes._mutatingExtracting(first: bytes.byteCount / input.batch)
      do throws(PreprocessingError) {
        try preprocessor.write(frame, region: region, width: width, height: height, to: &picture)
      } catch {
        throw .preprocessing(error)
      }
    }
    let middle = ContinuousClock.now
    durations.preprocessing += middle - start
    do {
      try model.run()
    } catch {
      throw failure(error, width: width, height: height)
    }
    let result = try embeddings()
    durations.inference += .now - middle
    return result
  }

  /// What a failed run is to the caller, who may have given a picture that the model has no room for.
  private func failure(_ error: InferenceError, width: Int, height: Int) -> EmbedderError {
    guard input.tensor.isOpen, error.kind == .failed else {
      return .inference(model: modelName, error)
    }
    return .inference(
      model: modelName,
      InferenceError(
        error.kind, engine: error.engine,
        "its input takes the picture's size, \(width) x \(height) pixels, and the run failed"
          + " (\(error)); try a picture or region of another size"))
  }

  private func embeddings() throws(EmbedderError) -> [Embedding] {
    var embeddings: [Embedding] = []
    for head in heads {
      let batch = input.batch
      var values = model.readOutput(head.index) { bytes in
        floats(of: head, in: bytes.extracting(first: bytes.byteCount / batch))
      }
      if let pooling {
        values = pooling.vector(of: values, head.form, dimension: head.dimension)
      }
      guard values.count == head.dimension else {
        throw .outputSizeChanged(head: head.index, found: values.count, expected: head.dimension)
      }
      if l2Normalize { normalizeL2(&values) }
      let vector: FeatureVector = quantize ? .quantized(quantizeScalars(values)) : .float(values)
      embeddings.append(
        Embedding(featureVector: vector, headIndex: head.index, headName: head.name))
    }
    return embeddings
  }
}

/// The elements of an output as real numbers: `scale * (integer − zeroPoint)` where they are quantized.
///
/// A quantized tensor without parameters has scale 0, as in the reference.
private func floats(of head: ImageEmbedder.Head, in bytes: RawSpan) -> [Float] {
  let scale = head.quantization?.scale ?? 0
  let zeroPoint = Int32(clamping: head.quantization?.zeroPoint ?? 0)
  return unsafe bytes.withUnsafeBytes { bytes in
    switch head.elementType {
    case .uint8:
      unsafe bytes.map { scale * Float(Int32($0) &- zeroPoint) }
    case .int8:
      unsafe bytes.map { scale * Float(Int32(Int8(bitPattern: $0)) &- zeroPoint) }
    default:
      unsafe Array(bytes.bindMemory(to: Float.self))
    }
  }
}
