import ImageEmbedding

extension EmbeddingArguments {
  /// Embeds one input as the options say.
  func embed(
    _ path: String, with embedder: ImageEmbedder
  ) throws(EmbedderError) -> EmbeddedImage {
    if let raw {
      return try embed(path, as: raw, with: embedder)
    }
    let image = try embedder.decode(contentsOf: path, for: region)
    let result = try embedder.embed(image, in: region)
    return EmbeddedImage(
      path: path, width: image.uprightWidth, height: image.uprightHeight,
      embeddings: result.embeddings, warnings: image.warnings)
  }

  /// Embeds a file of packed pixels.
  private func embed(
    _ path: String, as raw: RawArgument, with embedder: ImageEmbedder
  ) throws(EmbedderError) -> EmbeddedImage {
    var frame: FrameBuffer
    do {
      let description = RawFrameDescription(
        format: raw.format, width: raw.width, height: raw.height,
        orientation: orientation?.orientation ?? .topLeft)
      frame = try ImageFile.readRawFrame(contentsOf: path, as: description)
    } catch {
      throw .image(path: path, error)
    }
    let swaps = frame.orientation.swapsWidthAndHeight
    frame.orientation = frame.orientation.rotated(by: embedder.options.rotation)
    let result = try embedder.embed(frame, in: region)
    return EmbeddedImage(
      path: path, width: swaps ? frame.height : frame.width,
      height: swaps ? frame.width : frame.height, embeddings: result.embeddings, warnings: [])
  }
}
