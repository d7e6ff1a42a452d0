import CEmbedderZLib
package import EmbedderStorage

/// A bundle of MediaPipe (`.task`): a ZIP archive that holds models, often with zeros in front.
///
/// The bytes are untrusted. What a member claims to be is judged before memory is taken for it.
package struct ModelBundle: ~Escapable {
  private let bytes: RawSpan
  private let directory: ZIPDirectory
  /// The members that are models, in the archive's order.
  private let models: [ZIPDirectory.Entry]

  /// The largest member that is taken out: the runtime counts in 32 bits.
  private static let sizeLimit = Int(Int32.max)
  /// The most zeros in front of an archive.
  private static let paddingLimit = 1 << 16
  /// What weights compress to is far above this part of their size; below this size it does not matter.
  private static let largestRatio = 200
  private static let smallestBomb = 16 << 20
  private static let stored: UInt16 = 0
  private static let deflated: UInt16 = 8

  /// Whether some bytes are an archive, with or without zeros in front.
  package static func isBundle(_ bytes: RawSpan) -> Bool {
    var start = 0
    while start < min(bytes.byteCount, paddingLimit), byte(start, of: bytes) == 0 { start += 1 }
    return begins(bytes, with: [0x50, 0x4b, 3, 4], at: start)
      || begins(bytes, with: [0x50, 0x4b, 5, 6], at: start)
  }

  /// Whether some bytes are a TFLite model.
  package static func isModel(_ bytes: RawSpan) -> Bool {
    begins(bytes, with: Array(ModelFile.identifier.utf8), at: 4)
  }

  /// Opens the bundle that some bytes are.
  ///
  /// - Throws: ``BundleError`` where its list of members cannot be read, or something that is called a
  ///   model cannot be looked at.
  @_lifetime(copy bytes)
  package init(reading bytes: RawSpan) throws(BundleError) {
    self.bytes = bytes
    do throws(MetadataError) {
      guard let directory = try ZIPDirectory(of: bytes) else {
        throw .missing(part: "directory at its end")
      }
      self.directory = directory
    } catch {
      throw .damaged(error)
    }
    guard !directory.isZIP64 else { throw .unsupportedSize }
    var models: [ZIPDirectory.Entry] = []
    for entry in directory.entries {
      do throws(BundleError) {
        let start = try Self.start(of: entry, in: bytes)
        if unsafe Self.isModel(start.span.bytes) { models.append(entry) }
      } catch {
        // What is no model by its name either may be anything.
        if entry.name.suffix(7) == Array(".tflite".utf8)[...] { throw error }
      }
    }
    self.models = models
  }

  /// The names of the models.
  package var modelNames: [String] { models.map(\.text) }

  /// Takes out a member by its name.
  package func member(named name: [UInt8]) throws(BundleError) -> SharedBytes {
    let found = directory.entries.filter { $0.name == name }
    let text = String(decoding: name, as: UTF8.self)
    guard let entry = found.first else { throw .noSuchMember(text, models: modelNames) }
    guard found.count == 1 else { throw .repeatedName(text) }
    return try Self.content(of: entry, in: bytes)
  }

  /// The most models that are tried.
  private static let trialLimit = 16

  /// Takes out the only model, or the only one that can be used.
  ///
  /// - Parameter isUsable: Whether a model can be used; not asked about a single one, whose own refusal
  ///   says more.
  /// - Returns: The model and its name.
  /// - Throws: ``BundleError`` where there is no such model, or more than one.
  package func onlyModel(
    where isUsable: (SharedBytes) -> Bool
  ) throws(BundleError) -> (bytes: SharedBytes, name: String) {
    guard let first = models.first else {
      for entry in directory.entries {
        guard let start = try? Self.start(of: entry, in: bytes) else { continue }
        if unsafe Self.isBundle(start.span.bytes) { throw .nested(member: entry.text) }
      }
      throw .noModel(memberCount: directory.entries.count)
    }
    guard models.count > 1 else { return (try Self.content(of: first, in: bytes), first.text) }
    guard models.count <= Self.trialLimit else {
      throw .severalModels(modelNames, usableCount: nil)
    }
    var found: (bytes: SharedBytes, name: String)?
    var usableCount = 0
    for entry in models {
      let content = try Self.content(of: entry, in: bytes)
      guard isUsable(content) else { continue }
      usableCount += 1
      found = (content, entry.text)
    }
    guard let found, usableCount == 1 else {
      throw .severalModels(modelNames, usableCount: usableCount)
    }
    return found
  }
}

// MARK: Members

extension ModelBundle {
  /// The first bytes of a member, as many as tell what it is.
  private static func start(
    of entry: ZIPDirectory.Entry, in bytes: RawSpan
  ) throws(BundleError) -> [UInt8] {
    let count = min(entry.byteCount, 8)
    let data = try data(of: entry, in: bytes)
    var start = [UInt8](repeating: 0, count: count)
    let written = unsafe start.withUnsafeMutableBytes { target in
      unsafe fill(target, from: data, entry).count
    }
    return Array(start.prefix(written))
  }

  /// A member's bytes, aligned as the runtime wants them.
  private static func content(
    of entry: ZIPDirectory.Entry, in bytes: RawSpan
  ) throws(BundleError) -> SharedBytes {
    let data = try data(of: entry, in: bytes)
    guard entry.byteCount <= sizeLimit else {
      throw .tooLarge(member: entry.text, byteCount: entry.byteCount, limit: sizeLimit)
    }
    guard
      entry.byteCount <= smallestBomb || entry.byteCount / largestRatio <= entry.compressedByteCount
    else {
      throw .bomb(
        member: entry.text, compressedByteCount: entry.compressedByteCount,
        byteCount: entry.byteCount)
    }
    var content: AlignedBuffer
    do throws(OutOfMemory) {
      content = try AlignedBuffer(byteCount: entry.byteCount)
    } catch {
      throw .outOfMemory(error)
    }
    let isRight = unsafe content.withUnsafeMutableBytes { target in
      let (count, isWhole) = unsafe fill(target, from: data, entry)
      return unsafe isWhole && count == target.count
        && czlib_checksum(target.baseAddress, target.count) == entry.checksum
    }
    guard isRight else { throw .wrongContent(member: entry.text) }
    return SharedBytes(content)
  }

  /// Writes a member's bytes as far as there is place, and tells whether that was all.
  private static func fill(
    _ target: UnsafeMutableRawBufferPointer, from data: RawSpan, _ entry: ZIPDirectory.Entry
  ) -> (count: Int, isWhole: Bool) {
    unsafe data.withUnsafeBytes { source in
      guard entry.method == deflated else {
        let count = min(source.count, target.count)
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
        return (count, count == source.count)
      }
      var isWhole = false
      let count = unsafe czlib_inflate(
        source.baseAddress, source.count, target.baseAddress, target.count, &isWhole)
      return (count, isWhole)
    }
  }

  /// A member's bytes as they lie in the archive.
  @_lifetime(copy bytes)
  private static func data(
    of entry: ZIPDirectory.Entry, in bytes: RawSpan
  ) throws(BundleError) -> RawSpan {
    guard !entry.isEncrypted else { throw .encrypted(member: entry.text) }
    guard entry.method == stored || entry.method == deflated else {
      throw .unsupportedMethod(member: entry.text, Int(entry.method))
    }
    guard entry.method == deflated || entry.compressedByteCount == entry.byteCount else {
      throw .wrongContent(member: entry.text)
    }
    let file = FlatBuffer(bytes)
    let part = "member \(quoted(entry.text))"
    do throws(MetadataError) {
      let header = entry.headerPosition
      guard try file.load(UInt32.self, at: header, part) == 0x0403_4b50 else {
        throw .missing(part: part)
      }
      let nameCount = Int(try file.load(UInt16.self, at: header + 26, part))
      let extraCount = Int(try file.load(UInt16.self, at: header + 28, part))
      let start = header + 30 + nameCount + extraCount
      try file.check(start, entry.compressedByteCount, part)
      return bytes.extracting(start..<start + entry.compressedByteCount)
    } catch {
      throw .damaged(error)
    }
  }

  private static func byte(_ index: Int, of bytes: RawSpan) -> UInt8 {
    unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
  }

  private static func begins(_ bytes: RawSpan, with start: [UInt8], at position: Int) -> Bool {
    bytes.byteCount >= position + start.count
      && start.indices.allSatisfy { byte(position + $0, of: bytes) == start[$0] }
  }
}

extension ZIPDirectory.Entry {
  /// The name as text; bytes that are no UTF-8 are replaced.
  var text: String { String(decoding: name, as: UTF8.self) }
}
