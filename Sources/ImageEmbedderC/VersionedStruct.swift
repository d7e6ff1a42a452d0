import CImageEmbedder

/// A struct of the header that states its own size, so that it can grow.
protocol VersionedStruct {
  /// All zeros.
  init()
}

extension ie_options: VersionedStruct {}
extension ie_frame: VersionedStruct {}
extension ie_item: VersionedStruct {}
extension ie_batch_options: VersionedStruct {}

extension VersionedStruct {
  /// The largest size that is believed: the rest of a larger struct is read and must be zeros.
  private static var largestSize: Int { 4096 }

  /// Reads the caller's struct, whose header may be newer than this library.
  ///
  /// - Throws: ``CallError`` for a size that cannot be, or a member that is set and not known here.
  init(_ pointer: UnsafePointer<Self>?, _ name: String) throws {
    guard let pointer = unsafe pointer else { throw CallError.null(name) }
    let source = unsafe UnsafeRawPointer(pointer)
    // The size comes first in each of them.
    let found = unsafe source.loadUnaligned(as: Int.self)
    let size = MemoryLayout<Self>.stride
    guard (size...Self.largestSize).contains(found) else {
      throw CallError.invalid(
        "struct_size of \(name)", found, needed: "the size of the struct, \(size),")
    }
    for offset in size..<found where unsafe source.load(fromByteOffset: offset, as: UInt8.self) != 0
    {
      throw CallError(
        "\(name) has \(found) bytes, and those from \(size) on are not known to version"
          + " \(IE_VERSION) and not 0; a newer library is needed")
    }
    self.init()
    unsafe withUnsafeMutableBytes(of: &self) { target in
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: size))
    }
  }
}
