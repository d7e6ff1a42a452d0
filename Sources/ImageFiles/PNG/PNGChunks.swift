import FrameBuffers
import Storage

/// What the chunks of a PNG file hold, sorted before a decoder sees them.
///
/// Text, profiles and whatever else lies beside the picture is left out: a file may carry any amount of
/// it, in any state, and none of it changes a pixel.
struct PNGChunks: ~Copyable {
  /// A PNG file of the chunks that make the picture, in their order.
  var picture: AlignedBuffer

  /// The orientation that an EXIF chunk gives.
  private(set) var orientation: Orientation?

  /// Whether the bytes end before the last chunk does.
  private(set) var endEarly = true

  /// Sorts the chunks of a file that begins with the PNG signature.
  init(of bytes: RawSpan) throws(DecodingError) {
    let (signature, frame) = (8, 12)
    do {
      picture = try AlignedBuffer(byteCount: bytes.byteCount)
    } catch {
      throw .outOfMemory(error)
    }
    var kept = 0
    func keep(_ range: Range<Int>) {
      unsafe bytes.withUnsafeBytes { source in
        unsafe picture.withUnsafeMutableBytes { target in
          let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[kept...])
          unsafe rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
        }
      }
      kept += range.count
    }

    keep(0..<min(signature, bytes.byteCount))
    var offset = signature
    while let length = bytes.integer(at: offset, byteCount: 4, .bigEndian) {
      let end = offset + frame + length
      let content = offset + 8..<offset + 8 + length
      // Chunks that a decoder must understand have a capital letter in front; of the others only the
      // transparent colours count.
      let criticalBit: UInt8 = 0x20
      let isCritical = offset + 4 < bytes.byteCount && bytes.byte(at: offset + 4) & criticalBit == 0
      if isCritical || bytes.holds("tRNS", at: offset + 4) {
        keep(offset..<min(end, bytes.byteCount))
      } else if bytes.holds("eXIf", at: offset + 4), content.upperBound <= bytes.byteCount {
        orientation = orientation ?? Orientation(exif: bytes.extracting(content))
      }
      if bytes.holds("IEND", at: offset + 4) {
        endEarly = end > bytes.byteCount
        break
      }
      offset = end
    }
    picture.truncate(to: kept)
  }
}
