import CEmbedderLiteRt

/// The runtime's surroundings for models: one handle, freed with the last reference.
///
/// Sendable: models of one environment are created, compiled and run from several threads at once
/// (litert's environment is only read after it is made; creating and compiling lock inside).
@safe
package final class Environment: Sendable {
  package let library: LiteRtLibrary

  // The handle is written once; the library locks its own state.
  nonisolated(unsafe) let handle: LiteRtEnvironment

  /// Makes an environment that runs on the processor and keeps its log to itself.
  ///
  /// - Throws: ``LiteRtError/callFailed(function:_:details:)``.
  package init(library: LiteRtLibrary) throws(LiteRtError) {
    // Only the CPU is registered: looking for accelerators costs 0.4 ms and prints. Severity 4 is
    // "silent"; messages of failed runs are collected per compiled model instead.
    var options = unsafe [
      LiteRtEnvOption(tag: EnvironmentOption.accelerators, int: Int64(Accelerator.cpu)),
      LiteRtEnvOption(tag: EnvironmentOption.minimumLogSeverity, int: LogSeverity.silent),
    ]
    var handle: LiteRtEnvironment?
    try library.check(
      "LiteRtCreateEnvironment",
      unsafe library.functions.CreateEnvironment(CInt(options.count), &options, &handle))
    guard let handle = unsafe handle else {
      throw .callFailed(function: "LiteRtCreateEnvironment", .ok, details: "no environment given")
    }
    self.library = library
    unsafe self.handle = handle
  }

  deinit {
    unsafe library.functions.DestroyEnvironment(handle)
  }
}

/// Bits of the runtime's accelerator sets.
enum Accelerator {
  static let cpu: Int32 = 1
}

/// Tags of the environment's options.
private enum EnvironmentOption {
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
}
