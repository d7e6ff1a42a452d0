/// The kinds of HEIF picture: the brands in a file's first box say which codecs it needs.
enum HEIFBrands {
  /// HEIC or AVIF, or `nil` for a file that is neither.
  static func format(of bytes: RawSpan) -> ImageFormat? {
    guard bytes.holds("ftyp", at: 4),
      let boxEnd = bytes.integer(at: 0, byteCount: 4, .bigEndian)
    else { return nil }
    let longestList = 256
    var isGeneral = false
    // The version stands between the first brand and the others; it is no brand, as good as surely.
    for offset in stride(from: 8, to: min(boxEnd, bytes.byteCount, longestList) - 3, by: 4) {
      switch bytes.integer(at: offset, byteCount: 4, .bigEndian) {
      // avif, avis
      case 0x6176_6966, 0x6176_6973: return .avif
      // heic, heix, heim, heis; hevc, hevx, hevm, hevs
      case 0x6865_6963, 0x6865_6978, 0x6865_696d, 0x6865_6973: return .heic
      case 0x6865_7663, 0x6865_7678, 0x6865_766d, 0x6865_7673: return .heic
      // mif1, msf1
      case 0x6d69_6631, 0x6d73_6631: isGeneral = true
      default: break
      }
    }
    return isGeneral ? .heic : nil
  }
}
