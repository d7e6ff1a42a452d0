import CEmbedderOpenVINO
import EmbedderInference

/// OpenVINO's surroundings for models: one handle, freed with the last reference.
///
/// Sendable: OpenVINO reads and compiles models from several threads at once.
@safe
package final class OpenVINOCore: Sendable {
  package let library: OpenVINOLibrary

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
    if let name = unsafe name { unsafe library.functions.free(name) }
    guard known == 0 else {
      let reason = library.lastMessage()
      unsafe library.functions.core_free(handle)
      throw .unusableLibrary(
        path: library.path, reason: "it runs nothing on the processor: \(reason)")
    }
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
