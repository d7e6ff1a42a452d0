public import EmbedderImageFiles
public import EmbedderPreprocessing

/// Why there is no thumbnail of an image.
@nonexhaustive
public enum ThumbnailError: Error, Hashable, Sendable {
  /// The image cannot be decoded, or the thumbnail not encoded.
  case image(DecodingError)
  /// The pixels cannot be shrunk.
  case pixels(PreprocessingError)
}

extension ThumbnailError: CustomStringConvertible {
  /// The sentence of what went wrong.
  public var description: String {
    switch self {
    case .image(let error): error.description
    case .pixels(let error): error.description
    }
  }
}
