/// A copy of a model with other metadata, as the difference to the model.
///
/// New tables come in front of the model's bytes, of which everything stays as it is but the offsets of
/// an archive at their end: operators, weights and buffers, also those that are newer than any schema
/// that is known here.
package struct AnnotatedModel: Hashable, Sendable {
  /// The bytes to put in front of the model, a multiple of 64.
  package let prefix: [UInt8]

  /// Bytes of the model that become others.
  package let patches: [BytePatch]

  /// What the copy reads as.
  let expected: ModelFile

  /// Reads the copy back.
  ///
  /// - Throws: ``AnnotationError`` where it is not what was meant.
  package func verify(_ copy: RawSpan) throws(AnnotationError) {
    guard let found = try? ModelFile(reading: copy), found == expected else {
      guard patches.isEmpty else {
        throw .model(
          .invalid(
            part: "the archive at the end", found: "a part of the model too",
            needed: "one behind it"))
      }
      throw .notReadBack
    }
  }
}

/// Bytes at a position of a file that become others.
package struct BytePatch: Hashable, Sendable {
  /// The position, counted in the file as it is.
  package let position: Int
  /// The bytes.
  package let bytes: [UInt8]
}

extension ModelFile {
  /// Writes metadata for a copy of this model.
  ///
  /// - Parameters:
  ///   - bytes: The bytes that the model was read from.
  ///   - changes: What is to be written.
  /// - Returns: What makes a copy of the bytes.
  /// - Throws: ``AnnotationError``.
  package func annotated(
    _ bytes: RawSpan, with changes: MetadataChanges
  ) throws(AnnotationError) -> AnnotatedModel {
    if let structuralDefect { throw .model(structuralDefect) }
    try changes.check(for: self)
    // What LiteRT's compilers leave in place of what an accelerator runs.
    guard !customOperators.contains("DISPATCH_OP") else {
      throw .outerProgram(operator: "DISPATCH_OP")
    }
    // Bytes that only look like an archive are none.
    let archive = try? ZIPDirectory(of: bytes)
    var signature: String?
    do throws(MetadataError) {
      signature = try FlatBuffer(bytes).root("model").signatureName()
    } catch {
      throw .model(error)
    }
    if let signature = signature ?? archive?.signatureName(in: bytes) {
      throw .signed(by: signature)
    }
    do throws(MetadataError) {
      return try copy(of: bytes, archive, changes)
    } catch {
      throw .model(error)
    }
  }

  private func copy(
    of bytes: RawSpan, _ archive: ZIPDirectory?, _ changes: MetadataChanges
  ) throws(MetadataError) -> AnnotatedModel {
    let model = try FlatBuffer(bytes).root("model")
    let entry = try model.metadataIndex()
    var old: FlatBufferTable?
    if let entry { old = try FlatBuffer(model.metadataBytes(at: entry)).root("metadata") }
    var writer = MetadataWriter(over: old, changes)
    let (metadata, version) = try writer.write()
    let prefix = try model.prefix(replacing: entry, with: metadata)
    var expected = self
    expected.metadata = TFLiteMetadata(
      self.metadata, with: changes, minimumParserVersion: version)
    return AnnotatedModel(
      prefix: prefix, patches: try archive?.patches(forPrefixOf: prefix.count, in: bytes) ?? [],
      expected: expected)
  }
}

extension FlatBufferTable {
  /// Of a model: a new root with other metadata, and what leads from it to the old content.
  ///
  /// - Parameters:
  ///   - index: The metadata entry that is replaced, or `nil` for a new one.
  ///   - metadata: The metadata.
  /// - Returns: The bytes to put in front.
  /// - Throws: ``MetadataError`` for tables that cannot be copied.
  fileprivate func prefix(
    replacing index: Int?, with metadata: [UInt8]
  ) throws(MetadataError) -> [UInt8] {
    var built = FlatBufferPrefix()
    var root = try fields(.model)
    // A buffer of their own: another part of the model might use the old one too.
    var buffers = try built.movedBuffers(of: self)
    let content = built.vector(of: metadata)
    buffers.append(.new(built.table([.reference(.new(content))])))
    let name = built.string(TFLiteMetadata.entryName)
    let entry = built.table([.reference(.new(name)), .int32(Int32(buffers.count - 1))])
    var entries = try references(6)
    if let index { entries[index] = .new(entry) } else { entries.append(.new(entry)) }
    if let subgraphs = try built.movedSubgraphs(of: self) {
      root[2] = .reference(.new(built.vector(of: subgraphs)))
    }
    root[4] = .reference(.new(built.vector(of: buffers)))
    root[6] = .reference(.new(built.vector(of: entries)))
    let table = built.table(root)
    return built.bytes(root: table, identifier: ModelFile.identifier)
  }
}
