import CEmbedderOpenVINO

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

  deinit {
    library.release { unsafe library.functions.core_free(handle) }
  }
}
