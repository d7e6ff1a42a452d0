import EmbedderInference
package import EmbedderModelMetadata
package import EmbedderStorage

/// What can go wrong between us and the LiteRT runtime.
package enum LiteRtError: Error, Hashable, Sendable {
  /// The runtime library was found at none of the places, each with what the loader said.
  case libraryNotFound(attempts: [String])

  /// The file at `path` was opened but lacks a function that we call: another version, or another
  /// library.
  case incompatibleLibrary(path: String, missingFunction: String)

  /// The runtime refused the bytes of the model.
  case invalidModel(LiteRtStatus)

  /// The runtime could not prepare the model; `details` is its own text and may be empty.
  case compilationFailed(LiteRtStatus, details: String)

  /// The library that runs models on a graphics card is at none of these places.
  case webGPUNotFound(places: [String])

  /// The runtime found no graphics card; `loader` is what the system says where Vulkan's loader is missing.
  case graphicsCardNotFound(LiteRtStatus, loader: String?)

  /// The graphics card does not run these operators, each with the runtime's reason; empty where it does not
  /// say which.
  case gpuLacksOperators([String])

  /// The runtime could not prepare the model for the graphics card that it found, and does not say why;
  /// `shapeOperators` are those that give what only the run tells the shape of, which a card does not run.
  case gpuCompilationFailed(LiteRtStatus, shapeOperators: [String])

  /// A call of the runtime failed; `details` is its own text and may be empty.
  case callFailed(function: String, LiteRtStatus, details: String)

  /// A tensor is of a kind that a buffer cannot be made for.
  case unsupportedTensor(name: String, reason: String)

  /// The runtime needs another number of bytes for a tensor than its type and shape make.
  case bufferSizeMismatch(tensor: String, required: Int, computed: Int)

  /// A run wrote nothing, or not all, of an output.
  case outputNotWritten(name: String)

  /// What has to be changed in a model before the runtime takes it cannot be changed.
  case uneditable(MetadataError)

  /// There was no memory for a buffer.
  case outOfMemory(OutOfMemory)
}

extension LiteRtError: CustomStringConvertible {
  /// A sentence with what was found and what to do.
  package var description: String {
    switch self {
    case .libraryNotFound(let attempts):
      "the LiteRT runtime library (libLiteRt.so \(LiteRtLibrary.supportedVersion)) was not found; run"
        + " scripts/setup in the project's folder, or name the file with --litert or"
        + " IMAGE_EMBEDDER_LITERT; tried: \(attempts.joined(separator: "; "))"
    case .incompatibleLibrary(let path, let function):
      "\(quoted(path)) is not a LiteRT \(LiteRtLibrary.supportedVersion) library: it has no function"
        + " \(function); run scripts/setup to install the right one"
    case .invalidModel(let status):
      "the LiteRT runtime refuses the model's bytes: \(status); the file is damaged or no TFLite model"
    case .compilationFailed(let status, let details):
      "the LiteRT runtime cannot prepare the model: \(status)\(suffix(details)); where it uses operators or"
        + " versions of them that LiteRT \(LiteRtLibrary.supportedVersion) does not have, convert it for"
        + " that version"
    case .webGPUNotFound(let places):
      "LiteRT's library for graphics cards (\(WebGPULibrary.fileName)) was not found; run scripts/setup gpu"
        + " in the project's folder, or name the file with --accelerator-library or"
        + " \(WebGPULibrary.environmentVariable); looked for: \(places.joined(separator: ", "))"
    case .graphicsCardNotFound(let status, let loader):
      "LiteRT finds no graphics card that it can use (\(status)): "
        + (loader.map {
          "Vulkan's loader, \(Self.vulkanLoader), cannot be opened (\($0)); install it"
        }
          ?? "Vulkan's loader, \(Self.vulkanLoader), is there, but no card with a driver that suits it;"
          + " install the card's driver for Vulkan (VK_ICD_FILENAMES names one)")
        + ", or use the accelerator cpu"
    case .gpuLacksOperators(let operators):
      "the graphics card does not run all of the model's operators"
        + (operators.isEmpty ? "" : " (\(operators.joined(separator: "; ")))")
        + "; use the accelerator cpu, which does"
    case .gpuCompilationFailed(let status, let operators):
      "the LiteRT runtime found a graphics card and cannot prepare the model for it (\(status))"
        + (operators.isEmpty
          ? ", and does not say why"
          : ", where only the run tells the shape of what these give: \(list(operators))")
        + "; use the accelerator cpu, which can"
    case .callFailed(let function, let status, let details):
      "\(function) failed: \(status)\(suffix(details))"
    case .unsupportedTensor(let name, let reason):
      "tensor \(quoted(name)) cannot be used: \(reason)"
    case .bufferSizeMismatch(let tensor, let required, let computed):
      "the runtime needs \(required) bytes for tensor \(quoted(tensor)), its type and shape make"
        + " \(computed); the model contradicts itself"
    case .outputNotWritten(let name):
      "the LiteRT runtime does not write output \(quoted(name)), whose shape or value the model computes"
        + " in a way that it cannot give; convert the model with a fixed batch of 1 and without loops"
    case .uneditable(let error):
      error.description
    case .outOfMemory(let error):
      error.description
    }
  }

  /// What graphics cards are found by.
  static let vulkanLoader = "libvulkan.so.1"

  /// The first of some names, and that there are more.
  private func list(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }

  private func suffix(_ details: String) -> String {
    let line = details.split(whereSeparator: \.isNewline).joined(separator: "; ")
    return line.isEmpty ? "" : ": \(line)"
  }
}

extension InferenceError {
  /// What a failure to make a model ready is to users of any engine.
  init(loading error: LiteRtError) {
    let kind: Kind =
      switch error {
      case .libraryNotFound, .webGPUNotFound: .engineNotFound
      case .incompatibleLibrary, .graphicsCardNotFound: .engineUnusable
      case .outOfMemory: .outOfMemory
      default: .modelRefused
      }
    self.init(kind, engine: LiteRtEngine.name, error.description)
  }

  /// What a failure on an image is to users of any engine.
  init(running error: LiteRtError) {
    let isMemory = if case .outOfMemory = error { true } else { false }
    self.init(isMemory ? .outOfMemory : .failed, engine: LiteRtEngine.name, error.description)
  }
}
