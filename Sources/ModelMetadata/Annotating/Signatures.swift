/// Signatures over a file's bytes, which a copy with other metadata would void.
extension FlatBufferTable {
  /// Of a model: the name of a metadata entry that holds a signature.
  func signatureName() throws(MetadataError) -> String? {
    for index in 0..<(try tableCount(6) ?? 0) {
      let entry = try table(6, at: index, "metadata entry \(index)")
      guard let count = try entry.vector(0, stride: 1, limit: .max)?.count, count < 256,
        let name = try entry.string(0)
      else { continue }
      if name.lowercased().contains("signature") { return "metadata entry \(name)" }
    }
    return nil
  }
}

extension ZIPDirectory {
  private static let blockName = Array("APK Sig Block 42".utf8)

  /// What signs the archive: a block in front of the directory, or a file that signs the others.
  func signatureName(in bytes: RawSpan) -> String? {
    let count = Self.blockName.count
    if position >= count {
      let found = (position - count..<position).map {
        unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
      }
      if found == Self.blockName { return "an APK signing block" }
    }
    for entry in entries {
      let name = String(decoding: entry.name, as: UTF8.self)
      if name.hasPrefix("META-INF/"),
        [".SF", ".RSA", ".DSA", ".EC"].contains(where: name.hasSuffix)
      {
        return name
      }
    }
    return nil
  }
}
