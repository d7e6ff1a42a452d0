/// What decoding the main picture takes into account beyond what libheif does.
struct HEIFPicture {
  /// Whether it has no colours.
  let isGray: Bool

  /// Whether the decoder may add film grain.
  let hasFilmGrain: Bool

  /// Whether the coded picture says that its values use the full range.
  let isFullRange: Bool

  /// The transforms that libheif does not do.
  let transforms: HEIFTransforms?

  init(
    _ structure: HEIFStructure, _ transforms: HEIFTransforms?, in bytes: RawSpan
  ) throws(DecodingError) {
    self.transforms = transforms
    isGray = structure.primaryItem.map { structure.isMonochrome($0, in: bytes) } ?? false
    var hasFilmGrain = false
    var isFullRange: Bool?
    for item in structure.decodedItems(in: bytes) where structure.types[item] == HEIFCode.av01 {
      let header = try structure.sequenceHeader(of: item, in: bytes)
      // Data that we do not find counts as grainy.
      hasFilmGrain = header?.hasFilmGrain ?? true || hasFilmGrain
      isFullRange = isFullRange ?? header?.isFullRange
    }
    self.hasFilmGrain = hasFilmGrain
    self.isFullRange = isFullRange ?? true
  }
}
