import CEmbedderLiteRt
import EmbedderStorage

/// The runtime's surroundings for models: one handle, freed with the last reference.
///
/// Sendable: models of one environment are created, compiled and run from several threads at once
/// (litert's environment is only read after it is made; creating and compiling lock inside).
@safe
package final class Environment: Sendable {
  package let library: LiteRtLibrary

  /// The library that runs models on a graphics card, or `nil` for the processor alone.
  let webGPU: WebGPULibrary?

  // The handle is written once; the library locks its own state.
  nonisolated(unsafe) let handle: LiteRtEnvironment

  /// Makes an environment that keeps its log to itself.
  ///
  /// - Parameters:
  ///   - library: The runtime.
  ///   - webGPU: The library that runs models on a graphics card, or `nil` for the processor alone.
  /// - Throws: ``LiteRtError/callFailed(function:_:details:)``.
  package init(library: LiteRtLibrary, webGPU: WebGPULibrary? = nil) throws(LiteRtError) {
    // Only what is used is registered: looking for accelerators costs 0.4 ms and prints. Severity 4 is
    // "silent"; messages of failed runs are collected per compiled model instead.
    let accelerators = webGPU == nil ? AcceleratorSet.cpu : AcceleratorSet.cpu | AcceleratorSet.gpu
    var options = unsafe [
      LiteRtEnvOption(tag: EnvironmentOption.accelerators, int: Int64(accelerators)),
      LiteRtEnvOption(tag: EnvironmentOption.minimumLogSeverity, int: LogSeverity.silent),
    ]
    var handle: LiteRtEnvironment?
    let status = unsafe (webGPU?.folder ?? PathBytes("")).withCString { folder in
      if webGPU != nil {
        unsafe options.append(
          LiteRtEnvOption(tag: EnvironmentOption.runtimeLibraryFolder, string: folder))
      }
      return unsafe library.functions.CreateEnvironment(CInt(options.count), &options, &handle)
    }
    try library.check("LiteRtCreateEnvironment", status)
    guard let handle = unsafe handle else {
      throw .callFailed(function: "LiteRtCreateEnvironment", .ok, details: "no environment given")
    }
    self.library = library
    self.webGPU = webGPU
    unsafe self.handle = handle
  }

  deinit {
    unsafe library.functions.DestroyEnvironment(handle)
  }

  /// Whether models run on a graphics card.
  package var runsOnGPU: Bool { webGPU != nil }

  /// Whether a graphics card was found; the runtime looks for one when it compiles a model.
  var hasGraphicsCard: Bool {
    var hasCard = false
    unsafe library.functions.EnvironmentHasGpuEnvironment(handle, &hasCard)
    return hasCard
  }
}

/// Bits of the runtime's accelerator sets.
enum AcceleratorSet {
  static let cpu: Int32 = 1
  static let gpu: Int32 = 2
}

/// Tags of the environment's options.
private enum EnvironmentOption {
  static let runtimeLibraryFolder: Int32 = 22
  static let accelerators: Int32 = 24
  static let minimumLogSeverity: Int32 = 25
}

private enum LogSeverity {
  static let silent: Int64 = 4
}

extension LiteRtEnvOption {
  fileprivate init(tag: Int32, int value: Int64) {
    unsafe self.init()
    let integerType: Int32 = 2
    unsafe self.tag = tag
    unsafe self.value.type = integerType
    unsafe self.value.int_value = value
  }

  @unsafe
  fileprivate init(tag: Int32, string value: UnsafePointer<CChar>) {
    unsafe self.init()
    let stringType: Int32 = 8
    unsafe self.tag = tag
    unsafe self.value.type = stringType
    unsafe self.value.str_value = value
  }
}
