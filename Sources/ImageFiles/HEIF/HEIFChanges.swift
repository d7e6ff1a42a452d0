import EmbedderStorage

/// What of a file libheif is not shown, since it would refuse the picture for it.
///
/// Every change keeps the file's length, so that whatever is found by its place in the file stays where
/// it is. It is made in a copy that nobody else sees:
///
/// - Libheif before 1.18 demands that a thumbnail, an auxiliary picture (opacity, depth, gain map) and
///   metadata belong to exactly one picture. Telephones let a gain map or EXIF belong to the picture and
///   to its tone mapped form (`tmap`). Where any such reference is of that kind, all but the main
///   picture's opacity are given a type that means nothing.
/// - A main picture that is tone mapped (`tmap`) is replaced by the one that it is made from.
/// - Libheif wants one of four brands. A still picture in an animation (`avis`) need have none of them.
/// - Libheif 1.15 mirrors 8 bits only, and turns opacity also where the picture is to stay as it is
///   stored. The transforms are then taken away and done by us (``HEIFTransforms``).
struct HEIFChanges {
  /// The structure that libheif sees.
  private(set) var structure: HEIFStructure

  /// The main picture's transforms where libheif does not see them.
  private(set) var transforms: HEIFTransforms?

  /// What is overwritten, and where.
  private var patches: [(offset: Int, bytes: [UInt8])] = []

  /// Whether references have fewer targets than before.
  private var shortensReferences = false

  /// Finds out what has to be changed.
  init(
    _ structure: HEIFStructure, in bytes: RawSpan, honorsOrientation: Bool
  ) throws(DecodingError) {
    self.structure = structure
    replaceToneMappedPicture(bytes)
    dropReferences(bytes)
    addBrand(bytes)
    try takeTransforms(bytes, honorsOrientation: honorsOrientation)
  }

  var isEmpty: Bool { patches.isEmpty && !shortensReferences }

  // MARK: Finding

  private mutating func replaceToneMappedPicture(_ bytes: RawSpan) {
    guard let item = structure.primaryItem, structure.types[item] == HEIFCode.tmap,
      let base = structure.references.first(where: {
        $0.type == HEIFCode.dimg && $0.source == item
      })?.targets.first,
      let box = structure.parts[HEIFCode.pitm]
    else { return }
    structure.primaryItem = base
    let place = box.content.lowerBound + 4
    let byteCount = bytes.byte(at: box.content.lowerBound) == 0 ? 2 : 4
    patches.append((place, Self.bigEndian(base, byteCount)))
  }

  private mutating func dropReferences(_ bytes: RawSpan) {
    guard structure.references.contains(where: { isRefused($0) }) else { return }
    let parts = structure.composedParts
    let accompanying = [HEIFCode.auxl, HEIFCode.thmb, HEIFCode.cdsc]
    for index in structure.references.indices {
      let reference = structure.references[index]
      guard accompanying.contains(reference.type) else { continue }
      if reference.type == HEIFCode.auxl, structure.isOpacity(reference.source, in: bytes) {
        if let main = structure.primaryItem, reference.targets.contains(main) {
          if reference.targets.count > 1 {
            structure.references[index].targets = [main]
            shortensReferences = true
          }
          continue
        }
        // The opacity of a part is the picture's too; the check refuses that.
        if !parts.isDisjoint(with: reference.targets) { continue }
      }
      structure.references[index].type = HEIFCode.free
      patches.append(
        (reference.place.lowerBound + 4, Self.bigEndian(HEIFCode.free, 4)))
    }
  }

  /// Whether libheif would refuse the file for a reference.
  private func isRefused(_ reference: HEIFStructure.Reference) -> Bool {
    let isPicture = structure.isPlain(reference.source)
    switch reference.type {
    case HEIFCode.cdsc: break
    case HEIFCode.auxl, HEIFCode.thmb: guard isPicture else { return false }
    default: return false
    }
    guard let target = reference.targets.first, reference.targets.count == 1,
      structure.isPlain(target)
    else { return true }
    return reference.type == HEIFCode.thmb
      && structure.references.contains { $0.type == HEIFCode.thmb && $0.source == target }
  }

  private mutating func addBrand(_ bytes: RawSpan) {
    guard let box = HEIFBox(at: 0, before: bytes.byteCount, in: bytes) else { return }
    // Behind the first brand and its version.
    let places = Array(
      stride(from: box.content.lowerBound + 8, to: box.content.upperBound - 3, by: 4))
    let known = ["heic", "heix", "mif1", "avif"]
    guard !places.contains(where: { place in known.contains { bytes.holds($0, at: place) } }),
      let last = places.last
    else { return }
    patches.append((last, Array("mif1".utf8)))
  }

  private mutating func takeTransforms(
    _ bytes: RawSpan, honorsOrientation: Bool
  ) throws(DecodingError) {
    guard let main = structure.primaryItem else { return }
    let opacity = structure.references.filter {
      $0.type == HEIFCode.auxl && $0.targets.contains(main)
        && structure.isOpacity($0.source, in: bytes)
    }.map(\.source)
    let items = [main] + opacity
    let isMirrored = items.contains { structure.property(HEIFCode.imir, of: $0) != nil }
    let isDeep = items.flatMap { structure.codedItems(of: $0) }
      .contains { (structure.bitDepth(of: $0, in: bytes) ?? 8) > 8 }
    let kinds = [HEIFCode.irot, HEIFCode.imir, HEIFCode.clap]
    let isOpacityTurned = opacity.contains { item in
      kinds.contains { structure.property($0, of: item) != nil }
    }
    guard isMirrored && isDeep || isOpacityTurned && !honorsOrientation else { return }
    transforms = try HEIFTransforms(of: main, in: structure, bytes)
    for item in items {
      let list = structure.associations[item] ?? []
      func isTransform(_ association: HEIFStructure.Association) -> Bool {
        structure.properties.indices.contains(association.index - 1)
          && kinds.contains(structure.properties[association.index - 1].type)
      }
      // Another property of the picture once more in its place: libheif does not look behind none.
      guard let other = list.first(where: { !isTransform($0) }) else { continue }
      for association in list where isTransform(association) {
        patches.append(
          (association.place.lowerBound, Self.array(other.place, of: bytes)))
      }
    }
  }

  // MARK: Making

  /// A copy of the file with the changes.
  ///
  /// - Throws: ``DecodingError``.
  func copy(of bytes: RawSpan) throws(DecodingError) -> AlignedBuffer {
    var result: AlignedBuffer
    do {
      result = try AlignedBuffer(byteCount: bytes.byteCount)
    } catch {
      throw .outOfMemory(error)
    }
    unsafe result.withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
    }
    for patch in patches { result.overwrite(at: patch.offset, patch.bytes) }
    if shortensReferences, let meta = structure.meta {
      let rebuilt = try shortened(meta, in: result.bytes)
      result.overwrite(at: meta.content.lowerBound, rebuilt)
    }
    return result
  }

  /// The content of the box that describes the pictures with shorter references.
  ///
  /// What they lose is added to the end of the box that names the main picture, where nobody reads on:
  /// it may be too little for a box of its own.
  private func shortened(
    _ meta: HEIFBox, in bytes: RawSpan
  ) throws(DecodingError) -> [UInt8] {
    guard let list = structure.parts[HEIFCode.iref], let name = structure.parts[HEIFCode.pitm],
      list.whole.count - list.content.count == 8, name.whole.count - name.content.count == 8
    else {
      throw .unsupported(structure.format, details: "its description has boxes of unusual form")
    }
    let idByteCount = bytes.byte(at: list.content.lowerBound) == 0 ? 2 : 4
    var references = Self.array(list.content.lowerBound..<list.content.lowerBound + 4, of: bytes)
    for reference in structure.references {
      let (count, start) = (reference.targets.count, reference.place.lowerBound)
      references += Self.bigEndian(10 + idByteCount * (1 + count), 4)
      references += Self.array(start + 4..<start + 8 + idByteCount, of: bytes)
      references += Self.bigEndian(count, 2)
      for target in reference.targets { references += Self.bigEndian(target, idByteCount) }
    }
    let rest = list.content.count - references.count
    guard rest >= 0 else { throw .damaged(structure.format, details: "its references are lost") }

    let start = meta.content.lowerBound
    var result = Self.array(start..<start + 4, of: bytes)
    for box in try meta.children(skipping: 4, in: bytes, structure.format) {
      switch box.type {
      case HEIFCode.iref:
        result += Self.bigEndian(8 + references.count, 4)
        result += Self.bigEndian(HEIFCode.iref, 4)
        result += references
      case HEIFCode.pitm:
        result += Self.bigEndian(box.whole.count + rest, 4)
        result += Self.array(box.whole.lowerBound + 4..<box.whole.upperBound, of: bytes)
        result += Array(repeating: 0, count: rest)
      default: result += Self.array(box.whole, of: bytes)
      }
    }
    return result
  }

  private static func array(_ range: Range<Int>, of bytes: RawSpan) -> [UInt8] {
    range.map { bytes.byte(at: $0) }
  }

  private static func bigEndian(_ value: Int, _ byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * (byteCount - 1 - $0))) }
  }
}

extension AlignedBuffer {
  /// Puts bytes in the place of those at `offset`; they have to fit.
  fileprivate mutating func overwrite(at offset: Int, _ bytes: [UInt8]) {
    unsafe withUnsafeMutableBytes { target in
      let place = unsafe UnsafeMutableRawBufferPointer(
        rebasing: target[offset..<offset + bytes.count])
      unsafe place.copyBytes(from: bytes)
    }
  }
}
