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
    // TGA has no signature, so that all others come before it.
    if let format = Self.allCases.first(where: { $0 != .tga && $0.decoder.recognizes(bytes) }) {
      self = format
    } else if let foreign = ForeignFormat(recognizing: bytes) {
      throw .foreignFormat(name: foreign.name, advice: foreign.advice)
    } else if TGADecoder.recognizes(bytes) {
      self = .tga
    } else {
      throw .unknownFormat(found: describeForeignBytes(bytes))
    }
  }

  /// What the names of such files end in, in lower case and without the dot.
  ///
  /// Nothing goes by them but whether a file that holds no image was meant to hold one.
  public var fileExtensions: [String] { decoder.fileExtensions }

  /// What of such a file is read, in a sentence.
  public var summary: String { decoder.summary }

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
