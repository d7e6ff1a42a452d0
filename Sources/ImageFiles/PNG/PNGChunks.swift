import EmbedderFrameBuffers
import EmbedderStorage

/// What the chunks of a PNG file hold, sorted before a decoder sees them.
///
/// Text, profiles and whatever else lies beside the picture is left out: a file may carry any amount of
/// it, in any state, and none of it changes a pixel.
struct PNGChunks: ~Copyable {
  /// A PNG file of the chunks that make the picture, in their order.
  ///
  /// A chunk of pixels that is cut short ends with those that are there, since libspng would look at
  /// none of them.
  var picture: AlignedBuffer

  /// The orientation that an EXIF chunk gives.
  private(set) var orientation: Orientation?

  /// Whether the bytes end before the last chunk does.
  private(set) var endEarly = true

  /// Sorts the chunks of a file that begins with the PNG signature.
  init(of bytes: RawSpan) throws(DecodingError) {
    let (signature, header, checksum) = (8, 8, 4)
    do {
      picture = try AlignedBuffer(byteCount: bytes.byteCount + checksum)
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
      let content = offset + header..<offset + header + length
      let end = content.upperBound + checksum
      // Chunks that a decoder must understand have a capital letter in front; of the others only the
      // transparent colours count.
      let criticalBit: UInt8 = 0x20
      let isCritical = offset + 4 < bytes.byteCount && bytes.byte(at: offset + 4) & criticalBit == 0
      if isCritical || bytes.holds("tRNS", at: offset + 4) {
        if end > bytes.byteCount, bytes.holds("IDAT", at: offset + 4) {
          let start = kept
          keep(offset..<min(content.upperBound, bytes.byteCount))
          picture.closeChunk(start..<kept)
          kept += checksum
        } else {
          keep(offset..<min(end, bytes.byteCount))
        }
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

extension AlignedBuffer {
  /// Makes a chunk of the bytes in `range`, which begin with a chunk's header: gives it their length, and
  /// writes their checksum behind them.
  fileprivate mutating func closeChunk(_ range: Range<Int>) {
    let type = range.lowerBound + 4
    var checksum = ~UInt32(0)
    for offset in type..<range.upperBound {
      checksum ^= UInt32(bytes.byte(at: offset))
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    unsafe withUnsafeMutableBytes { target in
      let contentByteCount = UInt32(range.count - 8)
      unsafe target.storeBytes(
        of: contentByteCount.bigEndian, toByteOffset: range.lowerBound, as: UInt32.self)
      unsafe target.storeBytes(
        of: (~checksum).bigEndian, toByteOffset: range.upperBound, as: UInt32.self)
    }
  }
}
