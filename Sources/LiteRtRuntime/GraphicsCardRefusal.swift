import CEmbedderLiteRt
import EmbedderPlatform

/// Why the runtime cannot prepare a model for a graphics card, which its status does not tell.
enum GraphicsCardRefusal {
  /// Finds out whether there is no card, or which operators it has not.
  ///
  /// The runtime says which operators those are in messages that it keeps with a compiled model, and there is
  /// none. So the model is compiled once more, with the processor for the rest.
  ///
  /// - Parameters:
  ///   - model: The model, which could not be compiled for the card alone.
  ///   - status: What the runtime said.
  /// - Returns: What to throw.
  static func error(for model: Model, _ status: LiteRtStatus) -> LiteRtError {
    let environment = model.environment
    guard environment.hasGraphicsCard else {
      return .graphicsCardNotFound(status, loader: vulkanLoaderFailure())
    }
    let both = AcceleratorSet.cpu | AcceleratorSet.gpu
    guard let handle = unsafe try? CompiledModel.compile(model, 1, for: both).handle else {
      return .gpuCompilationFailed(status, shapeOperators: [])
    }
    defer { unsafe environment.library.functions.DestroyCompiledModel(handle) }
    let messages = unsafe CompiledModel.takeErrorMessages(of: handle, environment.library)
    let operators = operators(in: messages)
    return operators.isEmpty
      ? .gpuCompilationFailed(status, shapeOperators: []) : .gpuLacksOperators(operators)
  }

  /// The operators that the runtime's messages say a card does not run, each with the reason.
  ///
  /// They are the lines between one that ends in "not supported by GPU delegate:" and the count of operators.
  static func operators(in messages: String) -> [String] {
    var operators: [String] = []
    var isInList = false
    for line in messages.split(whereSeparator: \.isNewline) {
      if line.hasSuffix("not supported by GPU delegate:") {
        isInList = true
      } else if line.contains(" operations will run on the ") {
        isInList = false
      } else if isInList {
        operators.append(String(line.hasSuffix(".") ? line.dropLast() : line))
      }
    }
    return operators
  }

  /// What the system's loader says of Vulkan's library, or `nil` where it is there.
  ///
  /// It is opened as the WebGPU library opens it, and stays open as it does there.
  private static func vulkanLoaderFailure() -> String? {
    guard unsafe dlopen(LiteRtError.vulkanLoader, RTLD_NOW | RTLD_LOCAL) == nil else { return nil }
    return unsafe dlerror().map { unsafe String(cString: $0) } ?? "it cannot be opened"
  }
}
