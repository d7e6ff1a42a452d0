public import EmbedderEmbeddings
public import EmbedderFrameBuffers
public import EmbedderImageFiles
import EmbedderStorage

// Every way in ends at the last method here, where a region is held against its frame.

extension ImageEmbedder {
  /// Embeds an image, wherever it is.
  ///
  /// - Parameter source: The image, and what is used of it.
  /// - Returns: One embedding for each output of the model, the image's size and what was odd about it.
  /// - Throws: ``EmbedderError``, which names the image where it has a name.
  public func embed(_ source: ImageSource) throws(EmbedderError) -> EmbeddingResult {
    var durations = StageDurations()
    return try embed(source, measuring: &durations)
  }

  /// Embeds an image, wherever it is, without blocking the thread of the task.
  ///
  /// As many images are in work at once as the embedder has sessions; others wait their turn in order.
  ///
  /// - Parameter source: The image, and what is used of it.
  /// - Returns: As for the form that blocks.
  /// - Throws: As for the form that blocks; ``EmbedderError/cancelled`` where the task was cancelled before
  ///   its turn came.
  public func embed(_ source: ImageSource) async throws(EmbedderError) -> EmbeddingResult {
    let isCancelled = Locked(false)
    let result = await withTaskCancellationHandler {
      await waitingWork.run { () -> Result<EmbeddingResult, EmbedderError> in
        guard !isCancelled.withLock({ $0 }) else { return .failure(.cancelled) }
        var durations = StageDurations()
        return Result { () throws(EmbedderError) in
          try self.embed(source, measuring: &durations)
        }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
    guard let result else {
      throw .outOfMemory(OutOfMemory(byteCount: WorkerThread.stackByteCount))
    }
    return try result.get()
  }

  /// Embeds an image that is decoded.
  ///
  /// - Parameters:
  ///   - frame: The pixels.
  ///   - region: What is used of it, in pixels of the stored frame, before its orientation is
  ///     corrected; by default all of it. A region that reaches outside is an error.
  /// - Returns: One embedding for each output of the model, and the upright frame's size.
  /// - Throws: ``EmbedderError`` for a region outside the frame, or when the runtime fails.
  public func embed(
    _ frame: FrameBuffer, in region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> EmbeddingResult {
    try embed(frame.view, in: region)
  }

  /// Embeds an image that somebody else owns, without copying it.
  ///
  /// - Parameters:
  ///   - frame: The pixels.
  ///   - region: As in ``embed(_:in:)-(FrameBuffer,_)``.
  /// - Returns: One embedding for each output of the model, and the upright frame's size.
  /// - Throws: ``EmbedderError`` for a region outside the frame, or when the runtime fails.
  public func embed(
    _ frame: borrowing FrameView, in region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> EmbeddingResult {
    var durations = StageDurations()
    let size = frame.orientation.turned(width: frame.width, height: frame.height)
    return EmbeddingResult(
      embeddings: try embeddings(of: frame, in: region, &durations), width: size.width,
      height: size.height)
  }

  /// Embeds an image that was decoded from a file.
  ///
  /// - Parameters:
  ///   - image: The image. Its orientation is corrected, and ``Options/rotation`` follows.
  ///   - region: What is used of it, in pixels of the upright picture before that rotation; of the
  ///     stored picture where ``DecodingOptions/honorsOrientation`` is off. The pixels are those of the
  ///     full picture, also where the frame is a ``Reduction`` of it.
  /// - Returns: One embedding for each output of the model, the upright picture's size and what was odd
  ///   about its file.
  /// - Throws: ``EmbedderError`` for a region outside the picture, or when the runtime fails.
  public func embed(
    _ image: DecodedImage, in region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> EmbeddingResult {
    var durations = StageDurations()
    return try embed(image, in: region, measuring: &durations)
  }

  /// Embeds the image in a file.
  ///
  /// - Parameters:
  ///   - path: The file's path; its content, not its name, says which format it is.
  ///   - region: As for a decoded image.
  /// - Returns: As for a decoded image.
  /// - Throws: ``EmbedderError``, for a file that is no image among others.
  public func embed(
    contentsOf path: String, in region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> EmbeddingResult {
    try embed(.file(PathBytes(path), region: region))
  }

  /// Embeds an encoded image in memory, such as the content of a JPEG file.
  ///
  /// - Parameters:
  ///   - bytes: The whole encoded image.
  ///   - region: As for a decoded image.
  /// - Returns: As for a decoded image.
  /// - Throws: ``EmbedderError``, for a file that is no image among others.
  public func embed(
    encoded bytes: RawSpan, in region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> EmbeddingResult {
    let image: DecodedImage
    do {
      image = try ImageFile.decode(
        bytes, options: decodingOptions(for: region, isOnlyEmbedded: true))
    } catch {
      throw .image(path: nil, error)
    }
    return try embed(image, in: region)
  }

  // MARK: Measured

  /// Embeds an image, wherever it is, adds what each stage took, and shows what was decoded of a file.
  package func embed(
    _ source: ImageSource, measuring durations: inout StageDurations,
    look: ((DecodedImage) -> Void)? = nil
  ) throws(EmbedderError) -> EmbeddingResult {
    let start = ContinuousClock.now
    let pixels: DecodedSource
    do {
      defer { durations.decoding += .now - start }
      pixels = try decode(source, isOnlyEmbedded: look == nil)
    }
    if case .image(let image) = pixels { look?(image) }
    return try embed(pixels, in: source.region, measuring: &durations)
  }

  /// Embeds what a source was decoded to, and adds what preprocessing and inference took.
  package func embed(
    _ source: DecodedSource, in region: RegionOfInterest?, measuring durations: inout StageDurations
  ) throws(EmbedderError) -> EmbeddingResult {
    switch source {
    case .image(let image):
      return try embed(image, in: region, measuring: &durations)
    case .frame(let frame):
      let size = frame.orientation.turned(width: frame.width, height: frame.height)
      return EmbeddingResult(
        embeddings: try embeddings(of: frame.view, in: region, &durations), width: size.width,
        height: size.height)
    }
  }

  private func embed(
    _ image: DecodedImage, in region: RegionOfInterest?, measuring durations: inout StageDurations
  ) throws(EmbedderError) -> EmbeddingResult {
    var frame = image.frame
    if !options.decoding.honorsOrientation { frame.orientation = .topLeft }
    // Held against the full picture, of which the frame may be a reduction.
    let upright = frame.orientation.turned(width: image.storedWidth, height: image.storedHeight)
    try validate(region, inWidth: upright.width, height: upright.height)
    var stored = region?.stored(
      orientation: frame.orientation, storedWidth: image.storedWidth,
      storedHeight: image.storedHeight)
    if let reduction = image.reduction { stored = reduction.region(stored) }
    frame.orientation = frame.orientation.rotated(by: options.rotation)
    let region = stored ?? frame.view.fullRegion
    return EmbeddingResult(
      embeddings: try embeddings(ofRegion: region, of: frame.view, &durations),
      width: image.uprightWidth, height: image.uprightHeight, warnings: image.warnings)
  }

  private func embeddings(
    of frame: borrowing FrameView, in region: RegionOfInterest?, _ durations: inout StageDurations
  ) throws(EmbedderError) -> [Embedding] {
    try validate(region, inWidth: frame.width, height: frame.height)
    return try embeddings(ofRegion: region ?? frame.fullRegion, of: frame, &durations)
  }

  private func embeddings(
    ofRegion region: RegionOfInterest, of frame: borrowing FrameView,
    _ durations: inout StageDurations
  ) throws(EmbedderError) -> [Embedding] {
    try sessions.withSession { session throws(EmbedderError) in
      try session.embed(frame, in: region, &durations)
    }
  }

  private func validate(
    _ region: RegionOfInterest?, inWidth width: Int, height: Int
  ) throws(EmbedderError) {
    do {
      try region?.validate(inWidth: width, height: height)
    } catch {
      throw .preprocessing(.frame(error))
    }
  }
}
