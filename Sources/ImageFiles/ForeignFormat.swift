/// An image format that is recognised but not read.
struct ForeignFormat: Hashable {
  /// What the format is called.
  let name: String

  /// What to do with such a file.
  let advice: String

  /// The format that the first bytes of a file belong to; at least 512 of them, where there are as many.
  init?(recognizing bytes: RawSpan) {
    if let known = Self.signatures.first(where: { $0.matches(bytes) }) {
      self = known.format
    } else if let format = Self.withoutSignature(bytes) {
      self = format
    } else {
      return nil
    }
  }

  private init(_ name: String, _ advice: String = Self.convert) {
    self.name = name
    self.advice = advice
  }

  /// A camera's raw file.
  static func raw(_ name: String) -> ForeignFormat {
    ForeignFormat(
      "\(name), a camera's raw data",
      "develop it to JPEG or TIFF, or extract its preview, for example with exiftool -b"
        + " -JpgFromRaw or -PreviewImage")
  }

  private static let convert = "convert it to PNG, for example with ImageMagick"
  private static let open = "convert it to PNG with the program that made it, or with ImageMagick"

  // MARK: Signatures

  private struct Signature {
    let place: Int
    let start: [UInt8]
    let format: ForeignFormat

    init(_ start: [UInt8], at place: Int = 0, _ format: ForeignFormat) {
      (self.place, self.start, self.format) = (place, start, format)
    }

    init(_ text: String, at place: Int = 0, _ format: ForeignFormat) {
      self.init(Array(text.utf8), at: place, format)
    }

    func matches(_ bytes: RawSpan) -> Bool {
      bytes.byteCount >= place + start.count
        && start.indices.allSatisfy { bytes.byte(at: place + $0) == start[$0] }
    }
  }

  private static let signatures: [Signature] = {
    let jpegXL = ForeignFormat("JPEG XL", "convert it to PNG or JPEG, for example with djxl")
    let jpeg2000 = ForeignFormat(
      "JPEG 2000", "convert it to PNG, for example with opj_decompress")
    let jpegXR = ForeignFormat("JPEG XR", "convert it to TIFF, for example with JxrDecApp")
    let texture = "convert it to PNG, for example with ImageMagick or the game's own tools"
    let postScript = ForeignFormat(
      "PostScript (EPS)", "draw it to PNG at the size you need, for example with Ghostscript")
    let metafile = ForeignFormat(
      "Windows metafile (WMF, EMF)", "draw it to PNG, for example with LibreOffice or Inkscape")
    return [
      Signature("\0\0\0\u{c}JXL \r\n", jpegXL),
      Signature([0xff, 0x0a], jpegXL),
      Signature("\0\0\0\u{c}jP  \r\n", jpeg2000),
      Signature([0xff, 0x4f, 0xff, 0x51], jpeg2000),
      Signature([0x49, 0x49, 0xbc], jpegXR),
      Signature("DDS ", ForeignFormat("DDS (a texture)", texture)),
      Signature([0xab, 0x4b, 0x54, 0x58, 0x20], ForeignFormat("KTX (a texture)", texture)),
      Signature("PVR\u{3}", ForeignFormat("PVR (a texture)", texture)),
      Signature([0x13, 0xab, 0xa1, 0x5c], ForeignFormat("ASTC (a texture)", texture)),
      Signature("BLP1", ForeignFormat("BLP (a texture)", texture)),
      Signature("BLP2", ForeignFormat("BLP (a texture)", texture)),
      Signature("FTEX", ForeignFormat("FTEX (a texture)", texture)),
      Signature("qoif", ForeignFormat("QOI")),
      Signature([0x76, 0x2f, 0x31, 0x01], ForeignFormat("OpenEXR", convertToneMapped)),
      Signature("PF\n", ForeignFormat("PFM (floating point)", convertToneMapped)),
      Signature("Pf\n", ForeignFormat("PFM (floating point)", convertToneMapped)),
      Signature(
        "P7\n", ForeignFormat("PAM", "convert it to PNM or PNG, for example with pamtopng")),
      Signature("gimp xcf ", ForeignFormat("XCF (GIMP)", "export it as PNG from GIMP")),
      Signature("icns", ForeignFormat("ICNS (a Mac's icon)", "extract its largest picture as PNG")),
      Signature([0xb1, 0x68, 0xde, 0x3a], ForeignFormat("DCX")),
      Signature([0x59, 0xa6, 0x6a, 0x95], ForeignFormat("Sun raster")),
      Signature("SIMPLE  =", ForeignFormat("FITS (astronomy)", convertToneMapped)),
      Signature(
        "DICM", at: 128, ForeignFormat("DICOM (medicine)", "export it as PNG from its viewer")),
      Signature("%!PS", postScript),
      Signature([0xc5, 0xd0, 0xd3, 0xc6], postScript),
      Signature([0xd7, 0xcd, 0xc6, 0x9a], metafile),
      Signature(" EMF", at: 40, metafile),
      Signature("AT&TFORM", ForeignFormat("DjVu", "convert it to PNG, for example with ddjvu")),
      Signature([0x42, 0x50, 0x47, 0xfb], ForeignFormat("BPG", "convert it to PNG with bpgdec")),
      Signature("FLIF", ForeignFormat("FLIF", "convert it to PNG with flif")),
      Signature("farbfeld", ForeignFormat("farbfeld", "convert it to PNG with ff2png")),
      Signature("ILBM", at: 8, ForeignFormat("IFF (Amiga)")),
      Signature("PBM ", at: 8, ForeignFormat("IFF (Amiga)")),
      Signature("/* XPM", ForeignFormat("XPM")),
      Signature(
        [0x97, 0x4a, 0x42, 0x32], ForeignFormat("JBIG2", "convert it to PNG with jbig2dec")),
      Signature(
        "mimetypeimage/openraster", at: 30, ForeignFormat("OpenRaster", open)),
      Signature("mimetypeapplication/x-krita", at: 30, ForeignFormat("Krita", open)),
      Signature("CLIP STUDIO", ForeignFormat("Clip Studio", open)),
      Signature("CSFCHUNK", ForeignFormat("Clip Studio", open)),
      Signature("ftypcrx ", at: 4, .raw("Canon CR3")),
      Signature("HEAPCCDR", at: 6, .raw("Canon CRW")),
      Signature("FUJIFILMCCD-RAW", .raw("Fujifilm RAF")),
      Signature("IIU\0", .raw("Panasonic RW2")),
      Signature("IIRO", .raw("Olympus ORF")),
      Signature("IIRS", .raw("Olympus ORF")),
      Signature("MMOR", .raw("Olympus ORF")),
      Signature("FOVb", .raw("Sigma X3F")),
      Signature("\0MRM", .raw("Minolta MRW")),
    ]
  }()

  private static let convertToneMapped =
    "bring it to the range of a screen and save it as PNG, for example with ImageMagick"

  // MARK: Formats that a few bytes do not tell

  private static func withoutSignature(_ bytes: RawSpan) -> ForeignFormat? {
    func byte(_ place: Int) -> Int? { bytes.integer(at: place, byteCount: 1, .bigEndian) }
    // Icons and cursors: a count, then one entry each, which says where its picture is.
    if bytes.starts(with: [0, 0, 1, 0]) || bytes.starts(with: [0, 0, 2, 0]),
      let count = bytes.integer(at: 4, byteCount: 2, .littleEndian), (1...256).contains(count),
      let size = bytes.integer(at: 14, byteCount: 4, .littleEndian), size > 0,
      let place = bytes.integer(at: 18, byteCount: 4, .littleEndian), place >= 6 + 16 * count
    {
      let isIcon = byte(2) == 1
      return ForeignFormat(
        isIcon ? "ICO (a Windows icon)" : "CUR (a Windows cursor)",
        "extract its largest picture as PNG, for example with icotool")
    }
    // A version, whether it is in runs, and bits.
    if byte(0) == 0x0a, let version = byte(1), [0, 2, 3, 4, 5].contains(version),
      let runs = byte(2), runs <= 1, let bits = byte(3), [1, 2, 4, 8, 24].contains(bits),
      let left = bytes.integer(at: 4, byteCount: 2, .littleEndian),
      let right = bytes.integer(at: 8, byteCount: 2, .littleEndian), left <= right,
      let planes = byte(65), (1...4).contains(planes)
    {
      return ForeignFormat("PCX")
    }
    if bytes.starts(with: [0x01, 0xda]), let runs = byte(2), runs <= 1, let size = byte(3),
      (1...2).contains(size), let dimension = bytes.integer(at: 4, byteCount: 2, .bigEndian),
      (1...3).contains(dimension)
    {
      return ForeignFormat("SGI (Iris RGB)")
    }
    return isVectorGraphic(bytes)
      ? ForeignFormat(
        "SVG (a drawing)",
        "draw it to PNG at the size you need, for example with rsvg-convert or Inkscape") : nil
  }

  /// Whether an XML text's first element is that of a drawing; a web page may have one further in.
  private static func isVectorGraphic(_ bytes: RawSpan) -> Bool {
    var start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    let end = min(bytes.byteCount, 4096)
    while start < end {
      let byte = bytes.byte(at: start)
      guard byte > 0x20 else {
        start += 1
        continue
      }
      guard byte == UInt8(ascii: "<") else { return false }
      if bytes.holds("<svg", at: start) || bytes.holds("<svg:svg", at: start) { return true }
      // A declaration, a comment or the kind of document comes before it.
      guard bytes.holds("<?", at: start) || bytes.holds("<!", at: start) else { return false }
      let isComment = bytes.holds("<!--", at: start)
      if bytes.holds("<!DOCTYPE svg", at: start) { return true }
      let closing = isComment ? "-->" : ">"
      guard let next = (start..<end).first(where: { bytes.holds(closing, at: $0) }) else {
        return false
      }
      start = next + closing.utf8.count
    }
    return false
  }
}
