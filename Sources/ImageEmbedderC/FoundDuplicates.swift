// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import DuplicateFinding
import EmbedderStorage
import ImageEmbedding

/// What a search for duplicates found, with the text that C asks of it.
final class FoundDuplicates: Sendable {
  let report: DuplicateReport
  let warnings: [CText]
  /// What C has asked for so far: of a million pictures few are ever named, and of reasons many are alike.
  private let texts = Locked<[String: CText]>([:])
  private let paths = Locked<[PathBytes: CText]>([:])

  init(_ report: DuplicateReport) {
    self.report = report
    warnings = report.warnings.map(CText.init)
  }

  /// Text that C may read for as long as this lives; `NULL` for none.
  private func lent(_ text: String?) -> UnsafePointer<CChar>? {
    guard let text else { return nil }
    let kept = texts.withLock { texts in
      let kept = texts[text] ?? CText(text)
      texts[text] = kept
      return kept
    }
    return unsafe kept.pointer
  }

  /// The bytes of a path, likewise.
  private func lent(_ path: PathBytes) -> UnsafePointer<CChar>? {
    let kept = paths.withLock { paths in
      let kept = paths[path] ?? CText(path)
      paths[path] = kept
      return kept
    }
    return unsafe kept.pointer
  }

  /// A picture as C sees it, or `nil` where there is none with the number.
  fileprivate func picture(_ number: Int) -> ie_duplicate_picture? {
    guard report.pictures.indices.contains(number) else { return nil }
    let picture = report.pictures[number]
    var lent = unsafe ie_duplicate_picture()
    unsafe lent.path = self.lent(picture.path)
    unsafe lent.absolute_path = self.lent(picture.absolutePath)
    unsafe lent.row = picture.row.map(Int64.init) ?? -1
    unsafe lent.width = Int32(clamping: picture.width)
    unsafe lent.height = Int32(clamping: picture.height)
    unsafe lent.is_flat = picture.isFlat
    unsafe lent.problem = self.lent(picture.problem)
    return unsafe lent
  }

  fileprivate func pair(_ number: Int) -> ie_duplicate_pair? {
    guard report.pairs.indices.contains(number) else { return nil }
    let pair = report.pairs[number]
    var lent = unsafe ie_duplicate_pair()
    unsafe lent.a = pair.a
    unsafe lent.b = pair.b
    unsafe lent.tier = pair.tier.lent
    unsafe lent.cosine = pair.cosine ?? .nan
    unsafe lent.correlation = pair.correlation ?? .nan
    unsafe lent.transform = self.lent(pair.transform?.description)
    unsafe lent.reason = self.lent(pair.reason)
    return unsafe lent
  }

  fileprivate func group(_ number: Int) -> ie_duplicate_group? {
    guard report.groups.indices.contains(number) else { return nil }
    let group = report.groups[number]
    var lent = unsafe ie_duplicate_group()
    unsafe lent.tier = group.tier.lent
    unsafe lent.members = group.members.pointer
    unsafe lent.member_count = group.members.count
    unsafe lent.keep = group.keep
    unsafe lent.reason = self.lent(group.reason)
    return unsafe lent
  }
}

extension [Int] {
  /// The numbers, for as long as whoever owns them lives.
  ///
  /// An array that nobody changes keeps its elements where they are.
  fileprivate var pointer: UnsafePointer<Int>? {
    unsafe withUnsafeBufferPointer { $0.baseAddress }
  }
}

/// Fills a struct of C's with one of what was found.
private func fill<Record: VersionedStruct>(
  _ place: UnsafeMutablePointer<Record>?, _ name: String, from duplicates: OpaquePointer?,
  _ record: (FoundDuplicates) -> Record?
) -> ie_status {
  perform(nil) {
    let found = try unsafe DuplicatesHandle.getOwn(duplicates).found
    guard let record = found.flatMap(record) else {
      // Nothing of what was there before passes for an answer.
      try unsafe Record().fill(place, name)
      throw CallError(code: .outOfRange, "there is no \(name) with this number")
    }
    try unsafe record.fill(place, name)
  }
}

@c @implementation
public func ie_duplicates_picture_count(_ duplicates: OpaquePointer?) -> Int {
  unsafe DuplicatesHandle.found(duplicates)?.report.pictures.count ?? 0
}

@c @implementation
public func ie_duplicates_picture(
  _ duplicates: OpaquePointer?, _ number: Int,
  _ picture: UnsafeMutablePointer<ie_duplicate_picture>?
) -> ie_status {
  unsafe fill(picture, "picture", from: duplicates) { unsafe $0.picture(number) }
}

@c @implementation
public func ie_duplicates_pair_count(_ duplicates: OpaquePointer?) -> Int {
  unsafe DuplicatesHandle.found(duplicates)?.report.pairs.count ?? 0
}

@c @implementation
public func ie_duplicates_pair(
  _ duplicates: OpaquePointer?, _ number: Int, _ pair: UnsafeMutablePointer<ie_duplicate_pair>?
) -> ie_status {
  unsafe fill(pair, "pair", from: duplicates) { unsafe $0.pair(number) }
}

@c @implementation
public func ie_duplicates_group_count(_ duplicates: OpaquePointer?) -> Int {
  unsafe DuplicatesHandle.found(duplicates)?.report.groups.count ?? 0
}

@c @implementation
public func ie_duplicates_group(
  _ duplicates: OpaquePointer?, _ number: Int, _ group: UnsafeMutablePointer<ie_duplicate_group>?
) -> ie_status {
  unsafe fill(group, "group", from: duplicates) { unsafe $0.group(number) }
}

@c @implementation
public func ie_duplicates_flat(
  _ duplicates: OpaquePointer?, _ count: UnsafeMutablePointer<Int>?
) -> UnsafePointer<Int>? {
  let numbers = unsafe DuplicatesHandle.found(duplicates)?.report.flat ?? []
  unsafe count?.pointee = numbers.count
  return unsafe numbers.isEmpty ? nil : numbers.pointer
}

@c @implementation
public func ie_duplicates_failed(
  _ duplicates: OpaquePointer?, _ count: UnsafeMutablePointer<Int>?
) -> UnsafePointer<Int>? {
  let numbers = unsafe DuplicatesHandle.found(duplicates)?.report.failed ?? []
  unsafe count?.pointee = numbers.count
  return unsafe numbers.isEmpty ? nil : numbers.pointer
}

@c @implementation
public func ie_duplicates_warning(
  _ duplicates: OpaquePointer?, _ index: Int
) -> UnsafePointer<CChar>? {
  unsafe DuplicatesHandle.found(duplicates)?.warnings.pointer(at: index)
}
