import EmbedderStorage

/// An object that C holds by what looks like a pointer to an opaque struct.
protocol Handle: AnyObject, Sendable {}

extension Handle {
  /// What C holds it by, until it is destroyed.
  func retainedPointer() -> OpaquePointer? {
    unsafe LiveHandles.all.add(self)
  }

  /// The object at a pointer; `nil` for one that was destroyed as for `nil`.
  static func find(_ pointer: OpaquePointer?) -> Self? {
    unsafe LiveHandles.all.find(pointer) as? Self
  }

  /// The object at a pointer.
  ///
  /// - Throws: ``CallError`` where there is none.
  static func get(_ pointer: OpaquePointer?, _ name: String) throws -> Self {
    guard let handle = unsafe LiveHandles.all.find(pointer) else {
      guard unsafe pointer != nil else { throw CallError.null(name) }
      throw CallError(
        "the handle given for \(name) was destroyed, or never made; one that lives is needed")
    }
    guard let handle = handle as? Self else {
      throw CallError(
        "the handle given for \(name) is one of something else; one of the right kind is needed")
    }
    return handle
  }

  /// Takes the object out of C's hands; `nil` where it is not in them.
  static func take(_ pointer: OpaquePointer?) -> Self? {
    unsafe LiveHandles.all.remove(pointer, as: Self.self)
  }
}

/// Text that C may read for as long as this lives.
@safe
struct CText: Sendable {
  private let characters: ContiguousArray<CChar>

  init(_ text: String) {
    characters = text.utf8CString
  }

  /// The bytes of a path, which need not be UTF-8.
  init(_ path: PathBytes) {
    characters = ContiguousArray(path.bytes.map(CChar.init(bitPattern:)) + [0])
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
