import FrameBuffers
public import ImageEmbedding
import ImageFiles
import Storage

extension ImageEmbedder {
  /// Embeds one item; whatever goes wrong is in the result.
  func result(of item: BatchItem, index: Int) -> BatchResult {
    var durations = StageDurations()
    let outcome: BatchResult.Outcome
    do {
      outcome = .embedded(try embed(item, &durations))
    } catch {
      let reason = item.isFound ? error.reasonToSkip(item.path) : nil
      outcome = reason.map(BatchResult.Outcome.skipped) ?? .failed(error)
    }
    return BatchResult(index: index, path: item.path, outcome: outcome, durations: durations)
  }

  /// Embeds one item on the calling thread.
  ///
  /// - Throws: ``EmbedderError``.
  public func embed(_ item: BatchItem) throws(EmbedderError) -> EmbeddedImage {
    var durations = StageDurations()
    return try embed(item, &durations)
  }

  private func embed(
    _ item: BatchItem, _ durations: inout StageDurations
  ) throws(EmbedderError) -> EmbeddedImage {
    let start = ContinuousClock.now
    let content: Decoded
    do throws(DecodingError) {
      content = try decode(item)
    } catch {
      durations.decoding += .now - start
      throw .image(path: item.path.description, error)
    }
    durations.decoding += .now - start

    switch content {
    case .image(let image):
      let result = try embed(image, in: item.region, measuring: &durations)
      return EmbeddedImage(
        width: image.uprightWidth, height: image.uprightHeight, embeddings: result.embeddings,
        warnings: image.warnings)
    case .frame(let frame):
      let result = try embed(frame.view, in: item.region, measuring: &durations)
      let swaps = frame.orientation.swapsWidthAndHeight
      return EmbeddedImage(
        width: swaps ? frame.height : frame.width, height: swaps ? frame.width : frame.height,
        embeddings: result.embeddings, warnings: [])
    case .unreadable(let error):
      throw error
    }
  }

  private enum Decoded {
    case image(DecodedImage)
    case frame(FrameBuffer)
    case unreadable(EmbedderError)
  }

  private func decode(_ item: BatchItem) throws(DecodingError) -> Decoded {
    switch item.content {
    case .file:
      return .image(
        try ImageFile.decode(contentsOf: item.path, options: decodingOptions(for: item.region)))
    case .encoded(let bytes):
      return .image(
        try unsafe ImageFile.decode(
          bytes.span.bytes, options: decodingOptions(for: item.region)))
    case .rawFile(let description):
      var frame = try ImageFile.readRawFrame(contentsOf: item.path, as: description)
      frame.orientation = frame.orientation.rotated(by: options.rotation)
      return .frame(frame)
    case .frame(let frame):
      return .frame(frame)
    case .unreadable(let error):
      return .unreadable(error)
    }
  }
}

extension EmbedderError {
  /// Why a file that nobody named is passed over, or `nil` where it is a failure: a file whose name ends
  /// like an image's is expected to be one.
  fileprivate func reasonToSkip(_ path: PathBytes) -> String? {
    guard case .image(_, let error) = self, !path.claimsImage else { return nil }
    return switch error {
    case .unknownFormat(let found): found
    case .file(.empty): "nothing at all"
    case .file(.notAFile(_, let kind)): kind
    default: nil
    }
  }
}

extension PathBytes {
  private static let imageEndings: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "avif", "tif", "tiff",
    "gif", "bmp", "dib", "psd", "pnm", "pbm", "pgm", "ppm", "hdr", "pic", "tga",
  ]

  /// Whether the name ends as those of images do.
  fileprivate var claimsImage: Bool {
    let parts = name.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last else { return false }
    return Self.imageEndings.contains(String(decoding: last, as: UTF8.self).lowercased())
  }
}
