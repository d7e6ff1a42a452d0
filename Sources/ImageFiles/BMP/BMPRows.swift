import EmbedderFrameBuffers
import EmbedderPlatform
import EmbedderStorage

extension BMPHeader {
  /// What the rows are decoded to.
  var pixelFormat: PixelFormat {
    switch coding {
    case .channels(let channels): channels.alpha == nil ? .rgb : .rgba
    case .linear: .rgba
    default: .rgb
    }
  }
}

/// The rows of a BMP file that is not compressed.
struct BMPRows: ~Escapable {
  private let bytes: RawSpan
  private let header: BMPHeader

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ header: BMPHeader) {
    self.bytes = bytes
    self.header = header
  }

  /// Decodes what there is of the rows to packed pixels of the header's `pixelFormat`.
  func decode(to pixels: inout AlignedBuffer) throws(DecodingError) {
    switch header.coding {
    case .channels(let channels):
      if let places = channels.places {
        decodeBytes(places, to: &pixels)
      } else {
        decodeChannels(channels, to: &pixels)
      }
      if channels.ignoresEmptyAlpha, channels.alpha != nil { pixels.makeOpaqueIfEmpty() }
    case .linear: decodeLinear(to: &pixels)
    default: try decodeIndices(to: &pixels)
    }
  }

  /// Calls `body` with each row's stored bytes, as far as they are there, where its pixels go and how many they
  /// are.
  private func forEachRow(
    _ pixels: inout AlignedBuffer,
    _ body: (UnsafeRawBufferPointer, UnsafeMutablePointer<UInt8>, Int) -> Void
  ) {
    let rowByteCount = header.rowByteCount
    let targetByteCount = header.width * header.pixelFormat.bytesPerPixel
    unsafe bytes.withUnsafeBytes { source in
      unsafe pixels.withUnsafeMutableBytes { target in
        guard let start = unsafe target.bindMemory(to: UInt8.self).baseAddress else { return }
        for index in 0..<header.height {
          let offset = header.startOfPixels + index * rowByteCount
          let byteCount = min(rowByteCount, max(0, source.count - offset))
          guard byteCount > 0 else { return }
          let row = unsafe UnsafeRawBufferPointer(rebasing: source[offset..<offset + byteCount])
          unsafe body(
            row, start + header.row(index) * targetByteCount,
            min(header.width, byteCount * 8 / header.bitsPerPixel))
        }
      }
    }
  }

  private func decodeIndices(to pixels: inout AlignedBuffer) throws(DecodingError) {
    let bitCount = header.bitsPerPixel
    let width = UInt8(bitCount)
    // Colours that there are not are noticed behind the row.
    let missing = BMPColor(red: 0, green: 0, blue: 0)
    let known = header.palette.count
    let palette = header.palette + Array(repeating: missing, count: 256 - known)
    var largest: UInt8 = 0
    unsafe palette.withUnsafeBufferPointer { palette in
      unsafe forEachRow(&pixels) { source, target, count in
        var bits: UInt8 = 0
        for column in 0..<count {
          let bit = column &* bitCount
          bits =
            bit & 7 == 0 ? unsafe source[bit >> 3] : bits &<< width
          let index = bits &>> (8 &- width)
          if index > largest { largest = index }
          let color = unsafe palette[Int(index)]
          unsafe target[3 &* column] = color.red
          unsafe target[3 &* column &+ 1] = color.green
          unsafe target[3 &* column &+ 2] = color.blue
        }
      }
    }
    guard largest < known else {
      throw .damaged(.bmp, details: "a pixel's colour is not in its palette")
    }
  }

  /// Channels that are whole bytes of a number.
  private func decodeBytes(_ places: [Int], to pixels: inout AlignedBuffer) {
    let byteCount = header.bitsPerPixel / 8
    let (red, green, blue) = (places[0], places[1], places[2])
    let alpha = places.count > 3 ? places[3] : nil
    unsafe forEachRow(&pixels) { source, target, count in
      if let alpha {
        for column in 0..<count {
          unsafe target[4 * column] = source[byteCount * column + red]
          unsafe target[4 * column + 1] = source[byteCount * column + green]
          unsafe target[4 * column + 2] = source[byteCount * column + blue]
          unsafe target[4 * column + 3] = source[byteCount * column + alpha]
        }
      } else {
        for column in 0..<count {
          unsafe target[3 * column] = source[byteCount * column + red]
          unsafe target[3 * column + 1] = source[byteCount * column + green]
          unsafe target[3 * column + 2] = source[byteCount * column + blue]
        }
      }
    }
  }

  private func decodeChannels(_ channels: BMPChannels, to pixels: inout AlignedBuffer) {
    let byteCount = header.bitsPerPixel / 8
    let size = channels.alpha == nil ? 3 : 4
    unsafe forEachRow(&pixels) { source, target, count in
      for column in 0..<count {
        var number: UInt32 = 0
        for index in 0..<byteCount {
          let byte = unsafe UInt32(source[byteCount * column + index])
          number |= byte << UInt32(8 * index)
        }
        unsafe target[size * column] = channels.red[number]
        unsafe target[size * column + 1] = channels.green[number]
        unsafe target[size * column + 2] = channels.blue[number]
        if let alpha = channels.alpha { unsafe target[size * column + 3] = alpha[number] }
      }
    }
  }

  /// Numbers with 13 bits behind the point, light as it adds up; brought to sRGB.
  private func decodeLinear(to pixels: inout AlignedBuffer) {
    let one = 1 << 13
    let levels = (0...one).map { value in
      let light = Double(value) / Double(one)
      let level = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
      return UInt8(level * 255 + 0.5)
    }
    unsafe forEachRow(&pixels) { source, target, count in
      for column in 0..<count {
        for channel in 0..<4 {
          let place = 8 * column + 2 * channel
          let bits = unsafe UInt16(source[place]) | UInt16(source[place + 1]) << 8
          let value = min(max(Int(Int16(bitPattern: bits)), 0), one)
          let isAlpha = channel == 3
          unsafe target[4 * column + (isAlpha ? 3 : 2 - channel)] =
            isAlpha ? UInt8((value * 255 + one / 2) >> 13) : levels[value]
        }
      }
    }
  }
}

extension AlignedBuffer {
  /// Makes packed RGBA opaque whose opacity is 0 throughout.
  fileprivate mutating func makeOpaqueIfEmpty() {
    unsafe withUnsafeMutableBytes { bytes in
      let places = stride(from: 3, to: bytes.count, by: 4)
      guard !places.contains(where: { unsafe bytes[$0] != 0 }) else { return }
      for place in places { unsafe bytes[place] = .max }
    }
  }
}
