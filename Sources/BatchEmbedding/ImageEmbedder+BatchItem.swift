import EmbedderImageFiles
import EmbedderStorage
import ImageEmbedding

extension ImageEmbedder {
  /// Embeds one item; whatever goes wrong is in the result.
  ///
  /// - Parameters:
  ///   - item: The item.
  ///   - index: Its number.
  ///   - look: Looks at the decoded image, whose note comes with the result.
  /// - Returns: What became of it.
  func result(
    of item: BatchItem, index: Int,
    look: (@Sendable (DecodedImage, PathBytes) -> any Sendable)? = nil
  ) -> BatchResult {
    var durations = StageDurations()
    var note: (any Sendable)?
    let outcome: BatchResult.Outcome
    if case .passedOver(let reason) = item.content {
      return BatchResult(
        index: index, path: item.path, outcome: .skipped(reason: reason), durations: durations)
    }
    do {
      let source = try item.source()
      if let look {
        outcome = .embedded(
          try embed(source, measuring: &durations) { note = look($0, item.path) })
      } else {
        outcome = .embedded(try embed(source, measuring: &durations))
      }
    } catch {
      let reason = item.isFound ? error.reasonToSkip(item.path) : nil
      outcome = reason.map(BatchResult.Outcome.skipped) ?? .failed(error)
    }
    return BatchResult(
      index: index, path: item.path, outcome: outcome, durations: durations, note: note)
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
  private static let imageExtensions = Set(ImageFormat.allCases.flatMap(\.fileExtensions))

  /// Whether the name ends as those of images do.
  package var claimsImage: Bool {
    let parts = name.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last else { return false }
    return Self.imageExtensions.contains(String(decoding: last, as: UTF8.self).lowercased())
  }
}
