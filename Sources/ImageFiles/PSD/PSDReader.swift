import FrameBuffers
import Storage

/// What a Photoshop document says of its merged picture.
struct PSDHeader {
  let width: Int
  let height: Int

  /// Whether the channel after the colours is taken for opacity.
  let hasAlpha: Bool

  /// Whether rows are packed by run lengths.
  let isPacked: Bool

  fileprivate let isGray: Bool
  fileprivate let channelCount: Int
  fileprivate let bytesPerSample: Int

  /// The channels that are decoded.
  var usedChannelCount: Int { (isGray ? 1 : 3) + (hasAlpha ? 1 : 0) }

  /// The bytes of the decoded channels where they are not packed.
  ///
  /// The size must have been held against the limits.
  var plainByteCount: Int { usedChannelCount * width * height * bytesPerSample }

  /// Puts one row of a channel where it belongs.
  func store(
    _ plane: [UInt8], of channel: Int, _ row: Int, in pixels: inout AlignedBuffer,
    _ pixelFormat: PixelFormat
  ) {
    let size = pixelFormat.bytesPerPixel
    let isColor = channel < (isGray ? 1 : 3)
    let places = isColor && isGray ? 0..<3 : isColor ? channel..<channel + 1 : 3..<4
    unsafe pixels.withUnsafeMutableBytes { target in
      for column in 0..<width {
        let start = (row * width + column) * size
        for place in places { unsafe target[start + place] = plane[column] }
      }
    }
  }
}

/// Reads a Photoshop document from its start to the rows of its merged picture.
struct PSDReader: ~Escapable {
  private let bytes: RawSpan
  private var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  var bytesLeft: Int { bytes.byteCount - offset }

  @_lifetime(self: copy self)
  private mutating func next(_ byteCount: Int) throws(DecodingError) -> Int {
    guard let value = bytes.integer(at: offset, byteCount: byteCount, .bigEndian) else {
      throw .truncated(.psd, details: "it ends after \(bytes.byteCount) bytes")
    }
    offset += byteCount
    return value
  }

  @_lifetime(self: copy self)
  mutating func readHeader() throws(DecodingError) -> PSDHeader {
    _ = try next(4)
    guard try next(2) == 1 else {
      throw .unsupported(.psd, details: "it is a large document (PSB)")
    }
    _ = try next(6)
    let (channelCount, height, width) = (try next(2), try next(4), try next(4))
    let (depth, mode) = (try next(2), try next(2))
    let (grayscale, rgb, duotone) = (1, 3, 8)
    guard [grayscale, rgb, duotone].contains(mode) else {
      let names = [0: "black and white", 2: "indexed", 4: "CMYK", 7: "multichannel", 9: "Lab"]
      let name = names[mode] ?? "of the unknown mode \(mode)"
      throw .unsupported(.psd, details: "its colours are \(name); save it as RGB")
    }
    guard depth == 8 || depth == 16 else {
      throw .unsupported(.psd, details: "it has \(depth) bits a channel")
    }
    let colorCount = mode == rgb ? 3 : 1
    guard (colorCount...56).contains(channelCount) else {
      throw .damaged(.psd, details: "it has \(channelCount) channels")
    }
    // Palette, resources and layers, each with its length in front.
    for _ in 0..<3 {
      let byteCount = try next(4)
      offset += byteCount
    }
    let packing = try next(2)
    guard packing <= 1 else {
      throw .unsupported(.psd, details: "it is packed in a way (\(packing)) that is not decoded")
    }
    let header = PSDHeader(
      width: width, height: height, hasAlpha: channelCount > colorCount, isPacked: packing == 1,
      isGray: mode != rgb, channelCount: channelCount, bytesPerSample: depth / 8)
    // The length of each packed row, which the rows themselves tell as well.
    if header.isPacked { offset += 2 * height * channelCount }
    return header
  }

  /// Reads one row of one channel; of 16 bits the high ones count.
  @_lifetime(self: copy self)
  mutating func readRow(
    into plane: inout [UInt8], _ header: PSDHeader
  ) throws(DecodingError) {
    let byteCount = header.width * header.bytesPerSample
    // Only a sample's first byte is kept, at the sample's place.
    let step = header.bytesPerSample
    guard header.isPacked else {
      for index in 0..<byteCount {
        let value = try next(1)
        if index.isMultiple(of: step) { plane[index / step] = UInt8(value) }
      }
      return
    }
    var index = 0
    while index < byteCount {
      let packet = try next(1)
      let isRun = packet > 128
      let count = isRun ? 257 - packet : packet < 128 ? packet + 1 : 0
      guard count <= byteCount - index else {
        throw .damaged(.psd, details: "its packed data does not add up")
      }
      var value = isRun ? try next(1) : 0
      for _ in 0..<count {
        if !isRun { value = try next(1) }
        if index.isMultiple(of: step) { plane[index / step] = UInt8(value) }
        index += 1
      }
    }
  }
}
