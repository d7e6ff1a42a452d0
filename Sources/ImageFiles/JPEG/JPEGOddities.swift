import CEmbedderJPEGShim

/// What was odd about a JPEG file that was decoded.
struct JPEGOddities {
  /// The sum of `CJPEG_ODD_…`.
  let bits: Int

  /// Whether the data ended early, and what is missing was made up.
  let isCutShort: Bool

  /// Whether libjpeg-turbo has read all that another decoder would, in the order in which it did.
  ///
  /// It stops where the picture is whole, and others go on into what makes no sense behind it.
  var isReadToItsEnd: Bool {
    !isCutShort
      && bits & (CJPEG_ODD_PROGRESSION | CJPEG_ODD_ENDING | CJPEG_ODD_NO_END_MARKER) == 0
  }

  /// One sentence for each oddity.
  var warnings: [String] {
    var warnings = Self.texts.filter { bits & $0.bit != 0 }.map { "the JPEG file's \($0.text)" }
    if isCutShort {
      warnings.append("the JPEG image is cut short; what is missing was made up")
    } else if bits & CJPEG_ODD_NO_END_MARKER != 0 {
      warnings.append("the JPEG file's end marker is missing; its picture is whole")
    }
    return warnings
  }

  private static let texts: [(bit: Int, text: String)] = [
    (
      CJPEG_ODD_ADOBE_TRANSFORM,
      "Adobe segment names a color transform that does not exist; the usual one was taken"
    ),
    (CJPEG_ODD_JFIF_VERSION, "JFIF segment is of an unknown version; its picture is whole"),
    (
      CJPEG_ODD_SCAN_PARAMETERS,
      "scan header has parameters of a progressive picture, which it is not; its picture is whole"
    ),
    (CJPEG_ODD_PROGRESSION, "scans come in an order that is not allowed; its picture is whole"),
    (
      CJPEG_ODD_EXTRANEOUS_BYTES,
      "segments have extraneous bytes between them; its picture is whole"
    ),
    (CJPEG_ODD_ENDING, "picture is whole, but what follows it has no meaning"),
  ]
}
