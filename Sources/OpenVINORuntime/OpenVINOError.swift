package import EmbedderInference
package import EmbedderModelMetadata
package import EmbedderStorage

/// What can go wrong between us and OpenVINO.
package enum OpenVINOError: Error, Hashable, Sendable {
  /// The library was found at none of the places, each with what the loader said.
  case libraryNotFound(attempts: [String])

  /// The file at `path` was opened but is another version, another library or half of one.
  case unusableLibrary(path: String, reason: String)

  /// This processor lacks what OpenVINO's kernels need.
  case unsupportedProcessor

  /// This processor does not compute in a precision by itself.
  case unsupportedPrecision(Precision)

  /// OpenVINO computes in another precision than it was asked for; `found` is its own name for it.
  case otherPrecision(Precision, found: String)

  /// OpenVINO does not take the model; `details` is its own text.
  case modelRefused(details: String)

  /// The model's input or outputs are not what the file says.
  case unexpectedTensor(name: String, reason: String)

  /// A call failed; `details` is OpenVINO's own text and may be empty.
  case callFailed(function: String, status: Int32, details: String)

  /// What has to be changed in a model before OpenVINO takes it cannot be changed.
  case uneditable(MetadataError)

  /// The file that OpenVINO reads the model from could not be written.
  case temporaryFile(FileError)

  /// There was no memory for an input.
  case outOfMemory(OutOfMemory)
}

extension OpenVINOError: CustomStringConvertible {
  /// A sentence with what was found and what to do.
  package var description: String {
    let version = OpenVINOLibrary.supportedVersion
    switch self {
    case .libraryNotFound(let attempts):
      return "OpenVINO (\(OpenVINOLibrary.fileName), of OpenVINO \(version)) was not found; run"
        + " scripts/setup openvino in the project's folder, install the Python package"
        + " openvino==\(version), or name the file with --accelerator-library or"
        + " \(OpenVINOLibrary.environmentVariable); tried: \(attempts.joined(separator: "; "))"
    case .unusableLibrary(let path, let reason):
      return
        "\(quoted(path)) cannot be used: \(Self.line(of: reason)); OpenVINO \(version) is needed: run"
        + " scripts/setup openvino, or install the Python package openvino==\(version)"
    case .unsupportedProcessor:
      return "this processor has no AVX2, which OpenVINO's kernels need; use the accelerator cpu"
    case .unsupportedPrecision(let precision):
      return "this processor does not compute in \(precision.rawValue), as OpenVINO finds; use the"
        + " precision float32"
    case .otherPrecision(let precision, let found):
      return "OpenVINO computes in \(quoted(found)) where \(precision.rawValue) was asked for; use"
        + " \(precision == .float32 ? "the accelerator cpu" : "the precision float32")"
    case .modelRefused(let details):
      return "OpenVINO does not take the model: \(Self.line(of: details)); the accelerator cpu may"
    case .unexpectedTensor(let name, let reason):
      return "OpenVINO makes something else of tensor \(quoted(name)): \(reason); use the"
        + " accelerator cpu"
    case .callFailed(let function, let status, let details):
      let text = Self.line(of: details)
      return "\(function) failed: OpenVINO status \(status)\(text.isEmpty ? "" : ": \(text)")"
    case .uneditable(let error):
      return error.description
    case .temporaryFile(let error):
      return "\(error) (OpenVINO reads a model from a file; set TMPDIR to a folder that can be"
        + " written)"
    case .outOfMemory(let error):
      return error.description
    }
  }

  /// OpenVINO's text in one line.
  private static func line(of details: String) -> String {
    let lines = details.split(whereSeparator: \.isNewline)
      .map { $0.drop { $0 == " " } }
      .filter { !$0.isEmpty }
    let text = lines.joined(separator: "; ")
    return text.count > lengthLimit ? text.prefix(lengthLimit) + "…" : text
  }

  /// The most characters of OpenVINO's own text in one of ours.
  private static let lengthLimit = 600
}

extension InferenceError {
  /// What a failure to make a model ready is to users of any engine.
  init(loading error: OpenVINOError) {
    let kind: Kind =
      switch error {
      case .libraryNotFound: .engineNotFound
      case .unusableLibrary, .unsupportedProcessor, .unsupportedPrecision, .otherPrecision,
        .temporaryFile:
        .engineUnusable
      case .outOfMemory: .outOfMemory
      default: .modelRefused
      }
    self.init(kind, engine: OpenVINOEngine.name, error.description)
  }

  /// What a failure on an image is to users of any engine.
  init(running error: OpenVINOError) {
    let isMemory = if case .outOfMemory = error { true } else { false }
    self.init(isMemory ? .outOfMemory : .failed, engine: OpenVINOEngine.name, error.description)
  }
}
