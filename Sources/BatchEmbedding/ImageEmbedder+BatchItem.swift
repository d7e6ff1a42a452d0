package import FrameBuffers
public import ImageEmbedding
package import ImageFiles
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
    let decoded = try decode(item, &durations)
    return try embed(decoded, item.region, &durations)
  }

  private func decode(
    _ item: BatchItem, _ durations: inout StageDurations
  ) throws(EmbedderError) -> DecodedItem {
    let start = ContinuousClock.now
    defer { durations.decoding += .now - start }
    return try decode(item)
  }

  /// An item's pixels.
  package enum DecodedItem: Sendable {
    case image(DecodedImage)
    case frame(FrameBuffer)
    /// Not decoded yet: the caller's function does all of it.
    case custom(@Sendable (ImageEmbedder) throws(EmbedderError) -> EmbeddedImage)
  }

  /// Reads and decodes one item.
  ///
  /// - Throws: ``EmbedderError`` that names the item.
  package func decode(_ item: BatchItem) throws(EmbedderError) -> DecodedItem {
    if case .unreadable(let error) = item.content { throw error }
    do {
      return try decodeContent(of: item)
    } catch {
      throw .image(path: item.path.description, error)
    }
  }

  /// Embeds an item's pixels, and adds what preprocessing and inference took.
  ///
  /// - Throws: ``EmbedderError``.
  package func embed(
    _ item: DecodedItem, _ region: RegionOfInterest?, _ durations: inout StageDurations
  ) throws(EmbedderError) -> EmbeddedImage {
    switch item {
    case .image(let image):
      let result = try embed(image, in: region, measuring: &durations)
      return EmbeddedImage(
        width: image.uprightWidth, height: image.uprightHeight, embeddings: result.embeddings,
        warnings: image.warnings)
    case .frame(let frame):
      let result = try embed(frame.view, in: region, measuring: &durations)
      let swaps = frame.orientation.swapsWidthAndHeight
      return EmbeddedImage(
        width: swaps ? frame.height : frame.width, height: swaps ? frame.width : frame.height,
        embeddings: result.embeddings)
    case .custom(let embed):
      return try embed(self)
    }
  }

  private func decodeContent(of item: BatchItem) throws(DecodingError) -> DecodedItem {
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
    case .custom(let embed):
      return .custom(embed)
    case .unreadable:
      // Told before; there is nothing here that could be decoded.
      throw .file(.empty(path: item.path.description))
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
    case .foreignFormat(let name, _): "an image in the format \(name), which is not read"
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
