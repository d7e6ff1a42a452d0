/// An object that C holds by a pointer to an opaque struct.
protocol Handle: AnyObject, Sendable {}

extension Handle {
  /// A pointer that keeps the object until it is destroyed.
  func retainedPointer() -> OpaquePointer {
    unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque())
  }

  /// The object at a pointer, if there is one.
  static func find(_ pointer: OpaquePointer?) -> Self? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe Unmanaged<Self>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  /// The object at a pointer.
  ///
  /// - Throws: ``CallError`` where there is none.
  static func get(_ pointer: OpaquePointer?, _ name: String) throws -> Self {
    guard let handle = unsafe find(pointer) else { throw CallError.null(name) }
    return handle
  }

  /// Gives back what ``retainedPointer()`` took.
  static func destroy(_ pointer: OpaquePointer?) {
    guard let pointer = unsafe pointer else { return }
    unsafe Unmanaged<Self>.fromOpaque(UnsafeRawPointer(pointer)).release()
  }
}

/// Text that C may read for as long as this lives.
@safe
struct CText: Sendable {
  private let characters: ContiguousArray<CChar>

  init(_ text: String) {
    characters = text.utf8CString
  }

  /// The text with a NUL at its end.
  ///
  /// An array that nobody changes keeps its elements where they are.
  var pointer: UnsafePointer<CChar>? {
    unsafe characters.withUnsafeBufferPointer { $0.baseAddress }
  }
}

extension [CText] {
  /// The text at an index, `nil` past the last.
  func pointer(at index: Int) -> UnsafePointer<CChar>? {
    indices.contains(index) ? unsafe self[index].pointer : nil
  }
}
