import CImageEmbedder

/// A struct of the header that states its own size, so that it can grow.
protocol VersionedStruct {
  /// All zeros.
  init()

  /// The size in the first version of the header, which no program's is below.
  static var firstSize: Int { get }
}

// What is added later comes after the members that are named here.

extension ie_options: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.reserved), Int32.self)
}

extension ie_frame: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.planes), (ie_plane, ie_plane, ie_plane).self)
}

extension ie_item: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.region), UnsafePointer<ie_region>?.self)
}

extension ie_batch_options: VersionedStruct {
  static let firstSize = size(
    through: MemoryLayout.offset(of: \Self.reserved), (UInt8, UInt8, UInt8).self)
}

extension ie_annotations: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.head_name_count), Int.self)
}

extension ie_index_options: VersionedStruct {
  static let firstSize = size(
    through: MemoryLayout.offset(of: \Self.reserved), Int32.self)
}

extension ie_search_options: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.reserved), Int32.self)
}

extension ie_duplicate_options: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.not_duplicates_count), Int.self)
}

extension ie_duplicate_picture: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.problem), UnsafePointer<CChar>?.self)
}

extension ie_duplicate_pair: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.reason), UnsafePointer<CChar>?.self)
}

extension ie_duplicate_group: VersionedStruct {
  static let firstSize = unsafe size(
    through: MemoryLayout.offset(of: \Self.reason), UnsafePointer<CChar>?.self)
}

/// The size of a struct whose last member is of a type and at an offset.
private func size<Member>(through offset: Int?, _: Member.Type) -> Int {
  (offset ?? 0) + MemoryLayout<Member>.size
}

extension VersionedStruct {
  /// The largest size that is believed: the rest of a larger struct is read and must be zeros.
  private static var largestSize: Int { 4096 }

  /// Reads the caller's struct, whose header may be older or newer than this library.
  ///
  /// Members that the caller does not know are zeros.
  ///
  /// - Throws: ``CallError`` for a size that cannot be, or a member that is set and not known here.
  init(_ pointer: UnsafePointer<Self>?, _ name: String) throws {
    guard let pointer = unsafe pointer else { throw CallError.null(name) }
    let source = unsafe UnsafeRawPointer(pointer)
    let found = try unsafe Self.statedSize(source, name)
    let known = min(found, MemoryLayout<Self>.size)
    for offset in known..<found
    where unsafe source.load(fromByteOffset: offset, as: UInt8.self) != 0 {
      throw CallError(
        "\(name) has \(found) bytes, and those from \(known) on are not known to version"
          + " \(IE_VERSION) and not 0; a newer library is needed")
    }
    self.init()
    unsafe withUnsafeMutableBytes(of: &self) { target in
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: known))
    }
  }

  /// Writes this into the caller's struct, as much of it as there is place for, and zeros after it.
  ///
  /// - Throws: ``CallError`` for a size that cannot be.
  func fill(_ pointer: UnsafeMutablePointer<Self>?, _ name: String) throws {
    guard let pointer = unsafe pointer else { throw CallError.null(name) }
    let target = UnsafeMutableRawPointer(pointer)
    let found = try unsafe Self.statedSize(target, name)
    let known = min(found, MemoryLayout<Self>.size)
    // The size stays what the caller said.
    let header = MemoryLayout<Int>.size
    unsafe withUnsafeBytes(of: self) { source in
      unsafe UnsafeMutableRawBufferPointer(start: target + header, count: known - header)
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[header..<known]))
    }
    unsafe (target + known).initializeMemory(as: UInt8.self, repeating: 0, count: found - known)
  }

  /// The size that a struct states, which comes first in each of them.
  private static func statedSize(_ source: UnsafeRawPointer, _ name: String) throws -> Int {
    let found = unsafe source.loadUnaligned(as: Int.self)
    // A size that is no multiple of the alignment would end in the middle of a member.
    guard (firstSize...largestSize).contains(found), found % MemoryLayout<Self>.alignment == 0
    else {
      throw CallError.invalid(
        "struct_size of \(name)", UInt(bitPattern: found),
        needed: "the size of the struct, \(MemoryLayout<Self>.size) in this version,")
    }
    return found
  }
}
