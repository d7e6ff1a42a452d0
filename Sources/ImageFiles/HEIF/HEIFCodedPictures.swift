import EmbedderFrameBuffers

/// What the coded pictures of a HEIF file say of themselves, in their own data.
///
/// The boxes around them may say anything: the decoders go by the data, and take memory for what that
/// says.
extension HEIFStructure {
  /// The bits of a coded picture's samples; `nil` where it has no configuration.
  func bitDepth(of item: Int, in bytes: RawSpan) -> Int? {
    if let box = property(HEIFCode.hvcC, of: item),
      let depth = bytes.integer(at: box.content.lowerBound + 17, byteCount: 1, .bigEndian),
      box.content.count > 17
    {
      return 8 + depth & 7
    }
    if let box = property(HEIFCode.av1C, of: item),
      let flags = bytes.integer(at: box.content.lowerBound + 2, byteCount: 1, .bigEndian),
      box.content.count > 2
    {
      return flags & 0x40 == 0 ? 8 : flags & 0x20 == 0 ? 10 : 12
    }
    return nil
  }

  /// Whether an item, or the first part of a grid, has no colours.
  func isMonochrome(_ item: Int, in bytes: RawSpan) -> Bool {
    guard let item = codedItems(of: item).first else { return false }
    if let box = property(HEIFCode.hvcC, of: item), box.content.count > 16 {
      return bytes.byte(at: box.content.lowerBound + 16) & 3 == 0
    }
    if let box = property(HEIFCode.av1C, of: item), box.content.count > 2 {
      return bytes.byte(at: box.content.lowerBound + 2) & 0x10 != 0
    }
    return false
  }

  /// The headers of an AV1 picture, from its configuration and its data.
  ///
  /// - Returns: The headers; `nil` where libheif alone finds the data, or the picture is not AV1.
  /// - Throws: ``DecodingError`` for data that is not AV1.
  func sequenceHeader(
    of item: Int, in bytes: RawSpan
  ) throws(DecodingError) -> AV1SequenceHeader? {
    guard types[item] == HEIFCode.av01 else { return nil }
    var header = AV1SequenceHeader()
    var isSound = true
    if let box = property(HEIFCode.av1C, of: item), box.content.count > 4 {
      let range = box.content.lowerBound + 4..<box.content.upperBound
      isSound = header.read(all: range, in: bytes)
    }
    let isKnown = try withData(of: item, in: bytes) { range, bytes in
      isSound = header.read(all: range, in: bytes) && isSound
    }
    guard isKnown else { return nil }
    guard isSound, header.isFound else {
      throw .damaged(format, details: "its coded picture cannot be read")
    }
    return header
  }

  /// Calls `body` with an item's data in one piece, unless libheif alone finds it.
  private func withData(
    of item: Int, in bytes: RawSpan, _ body: (Range<Int>, RawSpan) -> Void
  ) throws(DecodingError) -> Bool {
    guard let ranges = data[item] ?? nil, let first = ranges.first else { return false }
    if ranges.count == 1 {
      body(first, bytes)
      return true
    }
    var pieces: [UInt8] = []
    for range in ranges {
      guard range.count <= bytes.byteCount - pieces.count else {
        throw .damaged(format, details: "the pieces of its data overlap")
      }
      pieces += range.map { bytes.byte(at: $0) }
    }
    body(pieces.indices, unsafe pieces.span.bytes)
    return true
  }

  /// The pictures that are decoded for the main one: it or its parts, and its opacity or that one's.
  func decodedItems(in bytes: RawSpan) -> [Int] {
    guard let main = primaryItem else { return [] }
    let opacity = references.filter {
      $0.type == HEIFCode.auxl && $0.targets.contains(main) && isOpacity($0.source, in: bytes)
    }
    return ([main] + opacity.map(\.source)).flatMap { codedItems(of: $0) }
  }

  /// Throws where a coded picture is larger than what is accepted.
  ///
  /// - Parameters:
  ///   - limits: What is accepted for the whole picture; a part may always have some megapixels, as
  ///     coders fill up to whole blocks.
  ///   - bytes: The file.
  /// - Throws: ``DecodingError``.
  func checkCodedSizes(
    _ limits: DecodingLimits, in bytes: RawSpan
  ) throws(DecodingError) {
    var limits = limits
    limits.pixelCount = max(limits.pixelCount, 1 << 22)
    for item in Set(decodedItems(in: bytes)).sorted() {
      if types[item] == HEIFCode.av01 {
        guard let header = try sequenceHeader(of: item, in: bytes) else { continue }
        try check(header.width, header.height, frameCount: header.frameCount, limits)
      } else if types[item] == HEIFCode.hvc1 {
        let (sizes, frameCount) = try parameterSets(of: item, in: bytes)
        for size in sizes {
          try check(size.width, size.height, frameCount: frameCount, limits)
        }
      }
    }
  }

  private func check(
    _ width: Int, _ height: Int, frameCount: Int, _ limits: DecodingLimits
  ) throws(DecodingError) {
    // A coder's largest block, to which a picture of the longest accepted side may be filled up.
    let block = 128
    let longest = FrameBufferError.longestSide + block
    guard width <= longest, height <= longest, width * height <= limits.pixelCount + longest * block
    else {
      throw .tooManyPixels(width: width, height: height, limit: limits.pixelCount)
    }
    // Frames that later ones refer to are kept; AV1 has eight, HEVC sixteen.
    let keptCount = min(max(frameCount, 1), 16)
    guard width * height <= (limits.pixelCount + longest * block) / keptCount else {
      throw .unsupported(
        format,
        details:
          "its data is \(frameCount) frames of \(width) x \(height) pixels, together more than"
          + " the \(limits.pixelCount) pixels that are accepted")
    }
  }

  // MARK: HEVC

  /// The sizes in all sequence parameter sets of an HEVC picture, from its configuration and its data,
  /// and how many frames the data has.
  private func parameterSets(
    of item: Int, in bytes: RawSpan
  ) throws(DecodingError) -> (sizes: [(width: Int, height: Int)], frameCount: Int) {
    var sizes: [(width: Int, height: Int)] = []
    var frameCount = 0
    var isSound = true
    func read(_ unit: Range<Int>, _ bytes: RawSpan) {
      guard unit.count > 2 else { return }
      let type = bytes.byte(at: unit.lowerBound) >> 1 & 0x3f
      // The first slice of a frame says that it is.
      if type < 32, bytes.byte(at: unit.lowerBound + 2) & 0x80 != 0 { frameCount += 1 }
      guard type == 33 else { return }
      guard let size = Self.parameterSetSize(unit, in: bytes) else {
        isSound = false
        return
      }
      sizes.append(size)
    }
    if let box = property(HEIFCode.hvcC, of: item), box.content.count > 23 {
      let end = box.content.upperBound
      var fields = HEIFFields(box.content.lowerBound + 22..<end, in: bytes)
      for _ in 0..<(fields.next(1) ?? 0) {
        _ = fields.next(1)
        for _ in 0..<(fields.next(2) ?? 0) {
          guard let unit = Self.unit(&fields, lengthByteCount: 2, before: end, bytes) else { break }
          read(unit, bytes)
        }
      }
    }
    _ = try withData(of: item, in: bytes) { range, bytes in
      var fields = HEIFFields(range, in: bytes)
      while let unit = Self.unit(&fields, lengthByteCount: 4, before: range.upperBound, bytes) {
        read(unit, bytes)
      }
    }
    guard isSound else {
      throw .damaged(format, details: "its coded picture's size cannot be read")
    }
    return (sizes, frameCount)
  }

  /// The next unit of data with its length in front; `nil` at the end.
  @_lifetime(fields: copy bytes)
  private static func unit(
    _ fields: inout HEIFFields, lengthByteCount: Int, before end: Int, _ bytes: RawSpan
  ) -> Range<Int>? {
    guard let byteCount = fields.next(lengthByteCount), byteCount <= end - fields.offset else {
      return nil
    }
    let start = fields.offset
    fields = HEIFFields(start + byteCount..<end, in: bytes)
    return start..<start + byteCount
  }

  /// The size in a sequence parameter set; ITU-T H.265, 7.3.2.2.
  private static func parameterSetSize(
    _ unit: Range<Int>, in bytes: RawSpan
  ) -> (width: Int, height: Int)? {
    var bits = BitReader(unit.lowerBound + 2..<unit.upperBound, in: bytes, skipsEmulation: true)
    _ = bits.next(4)
    let layers = bits.next(3)
    _ = bits.next(1)
    // Profile, its flags and the level; then the same for each layer that says it has them.
    for _ in 0..<12 { _ = bits.next(8) }
    var hasProfile: [Bool] = []
    var hasLevel: [Bool] = []
    for _ in 0..<layers {
      hasProfile.append(bits.flag())
      hasLevel.append(bits.flag())
    }
    if layers > 0 { for _ in layers..<8 { _ = bits.next(2) } }
    for layer in 0..<layers {
      if hasProfile[layer] { for _ in 0..<11 { _ = bits.next(8) } }
      if hasLevel[layer] { _ = bits.next(8) }
    }
    _ = bits.nextExponential()
    if bits.nextExponential() == 3 { _ = bits.next(1) }
    let (width, height) = (bits.nextExponential(), bits.nextExponential())
    return bits.isOverrun ? nil : (width, height)
  }
}
