/// The image file formats, recognised by their content and never by a name.
@nonexhaustive
public enum ImageFormat: String, Sendable, CaseIterable {
  /// JPEG, baseline or progressive.
  case jpeg = "JPEG"
  /// Portable Network Graphics.
  case png = "PNG"
  /// WebP, lossy or lossless; the first frame of an animation.
  case webp = "WebP"
  /// HEIF pictures coded with HEVC, as phones write them.
  case heic = "HEIC"
  /// HEIF pictures coded with AV1.
  case avif = "AVIF"
  /// Tagged Image File Format; the first page.
  case tiff = "TIFF"
  /// Graphics Interchange Format; the first frame.
  case gif = "GIF"
  /// Windows bitmap.
  case bmp = "BMP"
  /// Photoshop document; its merged picture.
  case psd = "PSD"
  /// Portable bitmap, graymap and pixmap, as text or binary.
  case pnm = "PNM"
  /// Radiance high dynamic range, brought to the range of a screen.
  case hdr = "HDR"
  /// Softimage picture.
  case pic = "PIC"
  /// Truevision TGA; it has no signature and is tried when nothing else fits.
  case tga = "TGA"

  /// The format of an encoded image.
  ///
  /// - Throws: ``DecodingError/foreignFormat(name:advice:)`` for a format that is not read, and
  ///   ``DecodingError/unknownFormat(found:)`` when the first bytes belong to none.
  package init(recognizing bytes: RawSpan) throws(DecodingError) {
    guard let format = Self.signature(of: bytes) ?? Self.heif(bytes) else {
      if let foreign = ForeignFormat(recognizing: bytes) {
        throw .foreignFormat(name: foreign.name, advice: foreign.advice)
      }
      if TGAHeader(bytes) != nil {
        self = .tga
        return
      }
      throw .unknownFormat(found: describeForeignBytes(bytes))
    }
    self = format
  }

  /// The format that the first bytes belong to.
  private static func signature(of bytes: RawSpan) -> ImageFormat? {
    guard let first = bytes.integer(at: 0, byteCount: 4, .bigEndian) else { return nil }
    switch first {
    case 0xffd8_ff00...0xffd8_ffff: return .jpeg
    case 0x8950_4e47: return bytes.starts(with: pngSignature) ? .png : nil
    case 0x5249_4646: return bytes.holds("WEBP", at: 8) ? .webp : nil
    // Classic and big TIFF, both byte orders.
    case 0x4949_2a00, 0x4d4d_002a, 0x4949_2b00, 0x4d4d_002b: return .tiff
    case 0x4749_4638: return bytes.holds("7a", at: 4) || bytes.holds("9a", at: 4) ? .gif : nil
    case 0x3842_5053: return .psd
    case 0x5380_f634: return bytes.holds("PICT", at: 88) ? .pic : nil
    case 0x233f_5241: return bytes.holds("#?RADIANCE\n") ? .hdr : nil
    case 0x233f_5247: return bytes.holds("#?RGBE\n") ? .hdr : nil
    default: break
    }
    // Two letters are little evidence, so what follows must fit as well.
    switch first >> 16 {
    case 0x424d: return BMPHeader.hasKnownSize(bytes) ? .bmp : nil
    case 0x5031...0x5036: return PNMHeader.isSeparator(bytes.byte(at: 2)) ? .pnm : nil
    default: return nil
    }
  }

  private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// The kind of HEIF picture: the brands in its first box say which codecs it needs.
  private static func heif(_ bytes: RawSpan) -> ImageFormat? {
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

  /// The decoder for the format.
  var decoder: any ImageDecoder.Type {
    switch self {
    case .jpeg: JPEGDecoder.self
    case .png: PNGDecoder.self
    case .webp: WebPDecoder.self
    case .heic: HEICDecoder.self
    case .avif: AVIFDecoder.self
    case .tiff: TIFFDecoder.self
    case .gif: GIFDecoder.self
    case .bmp: BMPDecoder.self
    case .psd: PSDDecoder.self
    case .pnm: PNMDecoder.self
    case .hdr: HDRDecoder.self
    case .pic: PICDecoder.self
    case .tga: TGADecoder.self
    }
  }
}

/// A few words for bytes that are no image that we know.
private func describeForeignBytes(_ bytes: RawSpan) -> String {
  if bytes.byteCount == 0 { return "nothing at all" }
  if bytes.holds("version https://git-lfs") { return "a Git LFS pointer" }
  if bytes.holds("<") { return "an HTML or XML page" }
  if bytes.holds("%PDF") { return "a PDF document" }
  if bytes.holds("PK") { return "a ZIP archive" }
  if bytes.holds("ftyp", at: 4) { return "a video or another file in the MP4 family" }
  let sample = (0..<min(64, bytes.byteCount)).map { bytes.byte(at: $0) }
  let isText = sample.allSatisfy { $0 == 9 || $0 == 10 || $0 == 13 || (0x20..<0x7f).contains($0) }
  if isText { return "text" }
  let hexadecimal = sample.prefix(8).map { byte in
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
  return "bytes that begin with \(hexadecimal.joined(separator: " "))"
}
