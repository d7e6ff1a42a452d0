/// Writes small PNG files of any kind, sound or broken, without compression.
package struct PNGWriter {
  package var width: Int
  package var height: Int
  package var bitDepth = 8
  package var colorType = 2

  /// The rows as they go into the file, each in whole bytes; all with filter 0.
  package var rows: [[UInt8]]

  /// The longest chunk of the picture's data.
  package var longestDataChunk = Int.max

  /// Chunks between the header and the picture, in order.
  package var chunks: [(type: String, content: [UInt8])] = []

  /// Chunks between the picture and the end.
  package var chunksBehind: [(type: String, content: [UInt8])] = []

  package init(
    width: Int, height: Int, bitDepth: Int = 8, colorType: Int = 2, rows: [[UInt8]]
  ) {
    self.width = width
    self.height = height
    self.bitDepth = bitDepth
    self.colorType = colorType
    self.rows = rows
  }

  /// An 8-bit RGB or RGBA file of the given picture.
  package init(_ image: PixelImage) {
    let rowLength = image.width * image.channels
    self.init(
      width: image.width, height: image.height, colorType: image.channels == 4 ? 6 : 2,
      rows: (0..<image.height).map { Array(image.bytes[$0 * rowLength..<($0 + 1) * rowLength]) })
  }

  /// The file's bytes.
  package var file: [UInt8] {
    let header =
      Self.bigEndian(width) + Self.bigEndian(height)
      + [UInt8(bitDepth), UInt8(colorType), 0, 0, 0]
    var result: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    result += Self.chunk("IHDR", header)
    for chunk in chunks { result += Self.chunk(chunk.type, chunk.content) }
    let data = Self.stored(rows.flatMap { [0] + $0 })
    for start in stride(from: 0, to: data.count, by: min(longestDataChunk, data.count)) {
      let rest = data[start...]
      result += Self.chunk("IDAT", Array(rest.prefix(longestDataChunk)))
    }
    for chunk in chunksBehind { result += Self.chunk(chunk.type, chunk.content) }
    return result + Self.chunk("IEND", [])
  }

  /// Samples of 1, 2 or 4 bits packed into the bytes of a row.
  package static func pack(_ samples: [UInt8], bitDepth: Int) -> [UInt8] {
    let perByte = 8 / bitDepth
    var result: [UInt8] = []
    for start in stride(from: 0, to: samples.count, by: perByte) {
      var byte: UInt8 = 0
      for index in start..<start + perByte {
        let sample: UInt8 = index < samples.count ? samples[index] : 0
        byte = byte << bitDepth | sample
      }
      result.append(byte)
    }
    return result
  }

  /// One chunk with its length and checksum.
  package static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    var crc = ~UInt32(0)
    for byte in body { crc = (crc >> 8) ^ crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
    return bigEndian(content.count) + body + bigEndian(Int(~crc))
  }

  private static let crcTable = (UInt32(0)..<256).map { index in
    var value = index
    for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xedb8_8320 : value >> 1 }
    return value
  }

  /// A zlib stream of stored blocks.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    let longest = 0xffff
    for start in stride(from: 0, to: max(bytes.count, 1), by: longest) {
      let block = bytes[start..<min(start + longest, bytes.count)]
      let isLast = start + longest >= bytes.count
      let count = UInt16(block.count)
      result.append(isLast ? 1 : 0)
      for word in [count, ~count] { result += [UInt8(word & 0xff), UInt8(word >> 8)] }
      result += block
    }
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return result + bigEndian(b << 16 | a)
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
