public import EmbedderFrameBuffers
public import EmbedderStorage

/// Why an image could not be turned into a model's input.
@nonexhaustive
public enum PreprocessingError: Error, Hashable, Sendable {
  /// The region or the image's description is at fault.
  case frame(FrameBufferError)
  /// There was no memory for an intermediate image.
  case outOfMemory(OutOfMemory)
  /// The model's input has another size than the picture that is made for it.
  case inputSize(found: Int, needed: Int)
  /// The image was decoded for another region or size, and lacks rows that this one needs.
  case missingRows
  /// libyuv refused a step.
  case stepFailed(function: String, status: Int)
}

extension PreprocessingError: CustomStringConvertible {
  /// A sentence with what was found and what is needed.
  public var description: String {
    switch self {
    case .frame(let error): error.description
    case .outOfMemory(let error): error.description
    case .inputSize(let found, let needed):
      "the model's input has \(found) bytes; the picture made for it has \(needed)"
    case .missingRows:
      "the image was decoded for another region or size and lacks rows; decode all of it"
    case .stepFailed(let function, let status):
      "libyuv's \(function) refused the image (status \(status)); please report the image's size,"
        + " format and region"
    }
  }
}
