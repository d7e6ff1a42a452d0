/// How surely two pictures are one, the surest first.
public enum DuplicateTier: String, Sendable, CaseIterable {
  /// The files hold the same bytes.
  case bytes
  /// The upright decoded pixels are the same: metadata was edited, or the file converted without loss.
  case pixels
  /// One was made from the other, which their pixels prove: resized, recompressed, cropped, turned,
  /// mirrored, brightened, made gray, or covered in part.
  case copies
  /// They may be copies; the pixels neither prove nor disprove it.
  case unsure
  /// They show much the same and are no copies, such as the shots of a burst.
  case similar

  /// Whether pictures of this tier are duplicates, of which one can be spared.
  public var isDuplicate: Bool { self < .unsure }
}

extension DuplicateTier: Comparable {
  /// Orders from the surest to the least sure.
  public static func < (first: DuplicateTier, second: DuplicateTier) -> Bool {
    first.strictness < second.strictness
  }

  private var strictness: Int {
    switch self {
    case .bytes: 0
    case .pixels: 1
    case .copies: 2
    case .unsure: 3
    case .similar: 4
    }
  }
}
