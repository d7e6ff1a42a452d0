public import EmbedderFrameBuffers
public import EmbedderStorage

/// Why a file holds no image that can be used.
@nonexhaustive
public enum DecodingError: Error, Hashable, Sendable {
  /// The file could not be read.
  case file(FileError)
  /// The content is of no known format; `found` describes it.
  case unknownFormat(found: String)
  /// The content is an image of a format that is not read; `advice` says what to do.
  case foreignFormat(name: String, advice: String)
  /// The image ends before its data does.
  case truncated(ImageFormat, details: String)
  /// The image's data contradicts its format.
  case damaged(ImageFormat, details: String)
  /// The image is sound but of a kind that is not decoded.
  case unsupported(ImageFormat, details: String)
  /// The system lacks a library that the format needs; `package` is what to install.
  case missingLibrary(ImageFormat, package: String, reason: String)
  /// The encoded image has more bytes than are accepted.
  case tooManyBytes(found: Int, limit: Int)
  /// The image has more pixels than are accepted.
  case tooManyPixels(width: Int, height: Int, limit: Int)
  /// A side is too long.
  case frame(FrameBufferError)
  /// A file of raw pixels has another size than its description makes.
  case rawFrameSize(found: Int, needed: Int)
  /// There was no memory for the pixels.
  case outOfMemory(OutOfMemory)
}

extension DecodingError: CustomStringConvertible {
  /// A sentence with what was found and what is needed.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .unknownFormat(let found):
      "this is not an image but \(found); supported are "
        + ImageFormat.allCases.map(\.rawValue).joined(separator: ", ")
    case .foreignFormat(let name, let advice):
      "this is an image in the format \(name), which is not read; \(advice)"
    case .truncated(let format, let details):
      "the \(format.rawValue) image is cut short (\(details)); a complete file is needed"
    case .damaged(let format, let details):
      "the \(format.rawValue) image is damaged: \(details)"
    case .unsupported(let format, let details):
      "this \(format.rawValue) image cannot be decoded: \(details)"
    case .missingLibrary(let format, let package, let reason):
      "\(format.rawValue) images need a library that is not there (\(reason)); install it, on Debian"
        + " with: apt-get install \(package)"
    case .tooManyBytes(let found, let limit):
      "the image file is \(found) bytes long; at most \(limit) bytes are accepted"
    case .tooManyPixels(let width, let height, let limit):
      "the image is \(width) x \(height) pixels; at most \(limit) pixels are accepted"
    case .frame(let error):
      error.description
    case .rawFrameSize(let found, let needed):
      "the file has \(found) bytes; a raw frame of the given format and size has \(needed)"
    case .outOfMemory(let error):
      error.description
    }
  }
}
