import CEmbedderOpenVINO
import EmbedderInference

/// OpenVINO's surroundings for models: one handle, freed with the last reference.
///
/// Sendable: OpenVINO reads and compiles models from several threads at once.
@safe
package final class OpenVINOCore: Sendable {
  package let library: OpenVINOLibrary

  /// What tells the processor, and what it can do, from others.
  let processor: String

  // The handle is written once; OpenVINO locks its own state.
  nonisolated(unsafe) let handle: UnsafeMutablePointer<ov_core_t>

  /// Makes the surroundings, in which models run on the processor.
  ///
  /// - Throws: ``OpenVINOError/unusableLibrary(path:reason:)`` where OpenVINO cannot run anything on the
  ///   processor.
  package init(library: OpenVINOLibrary) throws(OpenVINOError) {
    var handle: UnsafeMutablePointer<ov_core_t>?
    let status = unsafe library.functions.core_create(&handle)
    guard status == 0, let handle = unsafe handle else {
      throw .unusableLibrary(path: library.path, reason: library.lastMessage())
    }
    var name: UnsafeMutablePointer<CChar>?
    let known = unsafe library.functions.core_get_property(handle, "CPU", "FULL_DEVICE_NAME", &name)
    let text = unsafe name.map { unsafe String(cString: $0) } ?? ""
    if let name = unsafe name { unsafe library.functions.free(name) }
    guard known == 0 else {
      let reason = library.lastMessage()
      unsafe library.functions.core_free(handle)
      throw .unusableLibrary(
        path: library.path, reason: "it runs nothing on the processor: \(reason)")
    }
    let words = unsafe [UInt32](unsafeUninitializedCapacity: wordCount) { words, count in
      if let start = words.baseAddress { unsafe copenvino_processor_words(start) }
      count = wordCount
    }
    processor = words.reduce(text) { "\($0) \(String($1, radix: 16))" }
    self.library = library
    unsafe self.handle = handle
  }

  /// Makes sure that the processor computes in a precision by itself.
  ///
  /// Where it does not, OpenVINO takes single precision in silence, or converts number by number, which takes
  /// several times as long.
  ///
  /// - Throws: ``OpenVINOError/unsupportedPrecision(_:)``.
  func check(_ precision: Precision) throws(OpenVINOError) {
    // All have single precision.
    guard precision != .float32 else { return }
    var list: UnsafeMutablePointer<CChar>?
    try library.check(
      "ov_core_get_property",
      unsafe library.functions.core_get_property(handle, "CPU", "OPTIMIZATION_CAPABILITIES", &list))
    let names = unsafe library.take(list).split { !$0.isLetter && !$0.isNumber }
    guard names.contains(where: { $0 == precision.openVINO.uppercased() }) else {
      throw .unsupportedPrecision(precision)
    }
  }

  deinit {
    library.release { unsafe library.functions.core_free(handle) }
  }

  /// Makes a compiled model of what one was exported as.
  ///
  /// - Parameters:
  ///   - content: The bytes, which are not needed afterwards.
  ///   - streamCount: The number of inferences that run at once.
  ///   - threadCount: The number of threads of each.
  ///   - precision: What they compute in.
  /// - Returns: The compiled model, or `nil` where OpenVINO makes nothing of the bytes, or not with the
  ///   settings that ``OpenVINOGraph/compile(streamCount:threadCount:precision:)`` has.
  func importModel(
    _ content: RawSpan, streamCount: Int, threadCount: Int, precision: Precision
  ) -> OpenVINOCompiledGraph? {
    var functions = library.functions
    var compiled: UnsafeMutablePointer<ov_compiled_model_t>?
    let status = unsafe content.withUnsafeBytes { content in
      unsafe functions.import_compiled(
        &functions, handle, content.bindMemory(to: CChar.self).baseAddress, content.count,
        "\(streamCount * threadCount)", "\(streamCount)", precision.openVINO, &compiled)
    }
    guard status == 0, let compiled = unsafe compiled else { return nil }
    return unsafe OpenVINOCompiledGraph(core: self, handle: compiled)
  }
}

extension Precision {
  /// What OpenVINO calls it.
  var openVINO: String {
    switch self {
    case .float32: "f32"
    case .bfloat16: "bf16"
    }
  }
}

private let wordCount = Int(copenvino_processor_word_count)
