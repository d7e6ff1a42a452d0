// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import DuplicateFinding
import EmbedderStorage
import ImageEmbedding

extension DuplicateTier {
  /// The tier as C has it.
  var lent: ie_duplicate_tier {
    switch self {
    case .bytes: IE_DUPLICATE_TIER_BYTES
    case .pixels: IE_DUPLICATE_TIER_PIXELS
    case .copies: IE_DUPLICATE_TIER_COPIES
    case .unsure: IE_DUPLICATE_TIER_UNSURE
    case .similar: IE_DUPLICATE_TIER_SIMILAR
    }
  }

  /// The tiers whose numbers C has added up.
  ///
  /// - Throws: ``CallError`` for a number that is none of theirs.
  fileprivate static func set(_ sum: UInt32) throws -> Set<DuplicateTier> {
    let tiers = allCases.filter { sum & $0.lent.rawValue != 0 }
    let known = allCases.reduce(0) { $0 | $1.lent.rawValue }
    guard sum & ~known == 0 else {
      throw CallError.invalid(
        "tiers", sum, needed: "a sum of the numbers of tiers, up to \(known),")
    }
    return Set(tiers)
  }
}

extension DuplicateFinder.Options {
  /// What C wants; `nil` for the defaults.
  ///
  /// - Parameters:
  ///   - pointer: The options.
  ///   - defaultTiers: The tiers where C names none; `nil` for all.
  /// - Returns: The options, and the head.
  /// - Throws: ``CallError`` for options that cannot be, and for a list of pairs that cannot be read.
  static func read(
    _ pointer: UnsafePointer<ie_duplicate_options>?, defaultTiers: Set<DuplicateTier>? = nil
  ) throws -> (options: DuplicateFinder.Options, head: Int) {
    let given =
      try unsafe pointer == nil ? ie_duplicate_options() : ie_duplicate_options(pointer, "options")
    var options = DuplicateFinder.Options()
    let tiers = try unsafe DuplicateTier.set(given.tiers)
    if !tiers.isEmpty {
      options.tiers = tiers
    } else if let defaultTiers {
      options.tiers = defaultTiers
    }
    let threadCount = unsafe given.thread_count
    guard threadCount >= 0 else {
      throw CallError.invalid("thread_count", threadCount, needed: "0 or more")
    }
    // More than there are cores are none the faster.
    options.threadCount = threadCount == 0 ? nil : min(Int(threadCount), processorCount)
    let cosine = unsafe given.similar_cosine
    guard cosine == 0 || cosine > 0 && cosine <= 1 else {
      throw CallError.invalid("similar_cosine", cosine, needed: "a number above 0 and up to 1")
    }
    if cosine != 0 { options.similarCosine = cosine }
    options.preferredFolders = try unsafe PathBytes.list(
      given.preferred_folders, given.preferred_folder_count, "preferred_folders",
      "preferred_folder_count")
    for file in try unsafe PathBytes.list(
      given.not_duplicates, given.not_duplicates_count, "not_duplicates", "not_duplicates_count")
    {
      options.refusals.formUnion(
        try findingDuplicates { () throws(DuplicateError) in
          try DuplicateRefusals(contentsOf: file)
        })
    }
    return (options, unsafe given.head)
  }
}

private let tierNames = DuplicateTier.allCases.map { ($0.lent, CText($0.rawValue)) }

@c @implementation
public func ie_duplicate_tier_name(_ tier: ie_duplicate_tier) -> UnsafePointer<CChar>? {
  unsafe tierNames.first { $0.0 == tier }?.1.pointer
}
