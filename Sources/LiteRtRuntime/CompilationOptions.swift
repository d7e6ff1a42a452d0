import CEmbedderLiteRt
import EmbedderPlatform
import EmbedderStorage

/// The options of one compilation; a compilation edits them, so each has its own.
@safe
final class CompilationOptions {
  let handle: LiteRtOptions
  private let library: LiteRtLibrary

  /// Makes options.
  ///
  /// - Parameters:
  ///   - library: The runtime.
  ///   - threadCount: The number of threads of one inference on the processor.
  ///   - accelerators: What may run the model, of ``AcceleratorSet``.
  /// - Throws: ``LiteRtError/callFailed(function:_:details:)``.
  init(library: LiteRtLibrary, threadCount: Int, accelerators: Int32) throws(LiteRtError) {
    var handle: LiteRtOptions?
    try library.check(
      "LiteRtCreateOptions", unsafe library.functions.CreateOptions(&handle))
    guard let handle = unsafe handle else {
      throw .callFailed(function: "LiteRtCreateOptions", .ok, details: "no options given")
    }
    unsafe self.handle = handle
    self.library = library

    try library.check(
      "LiteRtSetOptionsHardwareAccelerators",
      unsafe library.functions.SetOptionsHardwareAccelerators(handle, accelerators))
    // Two parts of the runtime read the thread count, each under an identifier of its own: XNNPACK
    // and the built-in kernels.
    let threads = min(max(threadCount, 1), processorCount)
    try add("xnnpack", "num_threads = \(threads)\n")
    try add("cpu_delegate", "num_threads = \(threads)\n")
    // Number 2 is single precision; the default is the card's choice.
    if accelerators & AcceleratorSet.gpu != 0 {
      try add("gpu_options", "precision = 2\n")
    }
    // Mode 2 collects error messages for us instead of writing them to the standard error.
    try add("runtime_options_string", "error_reporter_mode = 2\n")
  }

  deinit {
    unsafe library.functions.DestroyOptions(handle)
  }

  /// Adds options as text; the options take it over.
  private func add(_ identifier: String, _ text: String) throws(LiteRtError) {
    let payload = unsafe strdup(text)
    var opaque: LiteRtOpaqueOptions?
    let status = unsafe library.functions.CreateOpaqueOptions(
      identifier, payload, { unsafe free($0) }, &opaque)
    guard status == LiteRtStatus.ok.rawValue, let opaque = unsafe opaque else {
      unsafe free(payload)
      try library.check("LiteRtCreateOpaqueOptions", status)
      throw .callFailed(function: "LiteRtCreateOpaqueOptions", .ok, details: "no options given")
    }
    let added = unsafe library.functions.AddOpaqueOptions(handle, opaque)
    if added != LiteRtStatus.ok.rawValue {
      unsafe library.functions.DestroyOpaqueOptions(opaque)
    }
    try library.check("LiteRtAddOpaqueOptions", added)
  }
}
