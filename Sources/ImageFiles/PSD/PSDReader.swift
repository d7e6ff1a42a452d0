import EmbedderFrameBuffers
import EmbedderStorage

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
    offset += try next(4)
    let resources = try next(4)
    guard hasMergedPicture(resources: offset..<offset + resources) else {
      throw .unsupported(
        .psd,
        details: "it was saved without its merged picture; save it with the option Maximize"
          + " Compatibility, or as PNG")
    }
    offset += resources
    let layers = try next(4)
    let isOpacity =
      channelCount > colorCount && mergedPictureHasOpacity(layers: offset..<offset + layers)
    offset += layers
    let packing = try next(2)
    guard packing <= 1 else {
      throw .unsupported(.psd, details: "it is packed in a way (\(packing)) that is not decoded")
    }
    let header = PSDHeader(
      width: width, height: height, hasAlpha: isOpacity, isPacked: packing == 1,
      isGray: mode != rgb, channelCount: channelCount, bytesPerSample: depth / 8)
    // The length of each packed row, which the rows themselves tell as well.
    if header.isPacked { offset += 2 * height * channelCount }
    return header
  }

  // MARK: What the sections in front say

  /// Whether the file has a picture of all layers, which is there for programs that know no layers.
  ///
  /// Without one Photoshop writes a sentence that says so as the picture. Resource 1057 tells.
  private func hasMergedPicture(resources: Range<Int>) -> Bool {
    let versionInfo = 1057
    var place = resources.lowerBound
    while place + 12 <= resources.upperBound, bytes.holds("8BIM", at: place),
      let number = bytes.integer(at: place + 4, byteCount: 2, .bigEndian),
      let nameByteCount = bytes.integer(at: place + 6, byteCount: 1, .bigEndian)
    {
      // The name has its length in front; it and the data fill even numbers of bytes.
      place += 6 + (nameByteCount + 2) & ~1
      guard let byteCount = bytes.integer(at: place, byteCount: 4, .bigEndian) else { return true }
      if number == versionInfo {
        return bytes.integer(at: place + 8, byteCount: 1, .bigEndian) != 0
      }
      place += 4 + (byteCount + 1) & ~1
    }
    return true
  }

  /// Whether the channel behind the colours is the merged picture's opacity.
  ///
  /// Else it is a saved selection, a spot colour or the like. The number of layers is then negative; of 16
  /// bits the layers are in a block behind the others, and some programs only say that opacity was saved.
  private func mergedPictureHasOpacity(layers: Range<Int>) -> Bool {
    func isNegative(at place: Int) -> Bool {
      (bytes.integer(at: place, byteCount: 2, .bigEndian) ?? 0) & 0x8000 != 0
    }
    let end = min(layers.upperBound, bytes.byteCount)
    guard layers.count >= 4,
      let listByteCount = bytes.integer(at: layers.lowerBound, byteCount: 4, .bigEndian)
    else { return false }
    var place = layers.lowerBound + 4
    if listByteCount >= 2, isNegative(at: place) { return true }
    place += listByteCount
    guard let maskByteCount = bytes.integer(at: place, byteCount: 4, .bigEndian) else {
      return false
    }
    place += 4 + maskByteCount
    while place + 12 <= end, bytes.holds("8BIM", at: place) || bytes.holds("8B64", at: place),
      let byteCount = bytes.integer(at: place + 8, byteCount: 4, .bigEndian)
    {
      if ["Mtrn", "Mt16", "Mt32"].contains(where: { bytes.holds($0, at: place + 4) }) {
        return true
      }
      let isList = ["Layr", "Lr16", "Lr32"].contains { bytes.holds($0, at: place + 4) }
      if isList, byteCount >= 2, isNegative(at: place + 12) { return true }
      place += 12 + (byteCount + 3) & ~3
    }
    return false
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
