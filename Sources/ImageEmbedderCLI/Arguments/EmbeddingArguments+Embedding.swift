import ImageEmbedding

extension EmbeddingArguments {
  /// Embeds one input as the options say.
  func embed(
    _ path: String, with embedder: ImageEmbedder
  ) throws(EmbedderError) -> EmbeddedImage {
    if let raw {
      return try embed(path, as: raw, with: embedder)
    }
    let image: DecodedImage
    do {
      image = try ImageFile.decode(contentsOf: path, limits: embedder.options.decodingLimits)
    } catch {
      throw .image(path: path, error)
    }
    let result = try embedder.embed(image, in: region)
    let isUpright = embedder.options.honorsExifOrientation
    return EmbeddedImage(
      path: path, width: isUpright ? image.uprightWidth : image.frame.width,
      height: isUpright ? image.uprightHeight : image.frame.height,
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
