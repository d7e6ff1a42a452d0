import EmbedderTestSupport

/// Bilinear scaling by the rules of libyuv on x86, in plain Swift.
///
/// Fixed point with 16 bits behind the point; one channel like another. The rules were found by
/// experiment and are numbered as in the project's description of the reference ("ARGBScale bilinear").
struct ReferenceScaler {
  /// Which of libyuv's functions: they share most rules, and differ in a few.
  enum Function {
    /// Four channels: RGB and RGBA.
    case argbScale
    /// One channel: luma, chroma in planes of its own.
    case scalePlane
    /// Two channels: interleaved chroma.
    case uvScale
  }

  /// One axis: where the first output pixel is read, and how far apart the others.
  private struct Axis {
    var start: Int
    var step: Int
  }

  private enum Filter {
    case bilinear
    case linear
    case none
  }

  private let function: Function
  private let source: PixelImage
  private let width: Int
  private let height: Int
  private let filter: Filter
  private let x: Axis
  private let y: Axis

  /// The image scaled to another size.
  static func scaled(
    _ image: PixelImage, width: Int, height: Int, by function: Function = .argbScale
  ) -> PixelImage {
    // Rule 1.
    if image.width == width, image.height == height { return image }
    return ReferenceScaler(image, width: width, height: height, function).result
  }

  /// Whether the rules tell what becomes of an image: planes that shrink to exactly 3/4 or 3/8 both
  /// ways go through code of their own.
  static func knows(
    _ image: PixelImage, width: Int, height: Int, by function: Function
  ) -> Bool {
    function != .scalePlane
      || ![4, 8].contains { $0 * width == 3 * image.width && $0 * height == 3 * image.height }
  }

  private init(_ source: PixelImage, width: Int, height: Int, _ function: Function) {
    self.function = function
    self.source = source
    self.width = width
    self.height = height
    // Rule 2.
    var filter = Filter.bilinear
    if source.height == 1 || height == source.height || 3 * height == source.height {
      filter = .linear
    }
    if filter == .linear, width == source.width || 3 * width == source.width { filter = .none }
    if source.width == 1 { filter = .none }
    // Rule 3.
    func plain(_ length: Int, _ target: Int) -> Axis {
      let step = (length << 16) / target
      return Axis(start: step / 2, step: step)
    }
    func smooth(_ length: Int, _ target: Int) -> Axis {
      if target > length {
        let step = length > 1 ? ((length << 16) - 0x10001) / (target - 1) : 0
        return Axis(start: 0, step: step)
      }
      let step = (length << 16) / target
      return Axis(start: step / 2 - 0x8000, step: step)
    }
    if function == .scalePlane, width == source.width {
      x = Axis(start: 0, step: 0x10000)
      y = smooth(source.height, height)
    } else {
      x = filter == .none ? plain(source.width, width) : smooth(source.width, width)
      y = filter == .bilinear ? smooth(source.height, height) : plain(source.height, height)
    }
    // Rule 4, the odd half.
    if function != .scalePlane, Self.areWhole(x, y), Self.isOdd(x), Self.isOdd(y) {
      filter = .none
    }
    self.filter = filter
  }

  private static func areWhole(_ x: Axis, _ y: Axis) -> Bool {
    (x.step | y.step) & 0xffff == 0 && x.step != 0 && y.step != 0
  }

  private static func isOdd(_ axis: Axis) -> Bool { axis.step >> 16 & 1 == 1 }

  private var result: PixelImage {
    if hasBoxes { return map(boxes) }
    if x.step == 0x10000, x.start & 0xffff == 0 { return map(verticalBlend) }
    if filter == .none { return map(nearest) }
    if function != .argbScale, (width + 1) / 2 == source.width {
      if function == .uvScale || filter == .linear { return map(doubledColumns) }
      if (height + 1) / 2 == source.height { return map(doubled) }
    }
    return map(bothBlends)
  }

  /// Single planes have boxes for halves only.
  private var hasBoxes: Bool {
    function == .scalePlane
      ? 2 * width == source.width && 2 * height == source.height && filter == .bilinear
      : Self.areWhole(x, y) && !Self.isOdd(x) && !Self.isOdd(y)
  }

  private func map(_ value: (_ column: Int, _ row: Int, _ channel: Int) -> Int) -> PixelImage {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * source.channels)
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<source.channels { bytes.append(UInt8(value(column, row, channel))) }
      }
    }
    return PixelImage(width: width, height: height, channels: source.channels, bytes: bytes)
  }

  private func sample(_ x: Int, _ y: Int, _ channel: Int) -> Int {
    Int(source.bytes[(y * source.width + x) * source.channels + channel])
  }

  /// Rule 4, the even half: 2 x 2 blocks, by vector instructions that round up twice, the last columns
  /// by plain code.
  private func boxes(_ column: Int, _ row: Int, _ channel: Int) -> Int {
    let left = (x.start + column * x.step) >> 16
    let top = (y.start + row * y.step) >> 16
    let (a, b) = (sample(left, top, channel), sample(left + 1, top, channel))
    let (c, d) = (sample(left, top + 1, channel), sample(left + 1, top + 1, channel))
    if function != .argbScale || column >= width - width % 4 { return (a + b + c + d + 2) >> 2 }
    return ((a + c + 1) >> 1 + (b + d + 1) >> 1 + 1) >> 1
  }

  /// Rule 5.
  private func verticalBlend(_ column: Int, _ row: Int, _ channel: Int) -> Int {
    let last = source.height > 1 ? ((source.height - 1) << 16) - 1 : 0
    let position = min(y.start + row * y.step, last)
    return vertical(x.start >> 16 + column, position, channel, blends: filter != .none)
  }

  /// Rule 6.
  private func bothBlends(_ column: Int, _ row: Int, _ channel: Int) -> Int {
    let last = (source.height - 1) << 16
    let positionY = min(y.start + row * y.step, last)
    let positionX = x.start + column * x.step
    let left = positionX >> 16
    let weight = positionX >> 9 & 127
    func horizontal(_ a: Int, _ b: Int) -> Int {
      function == .scalePlane
        ? a + ((b - a) * weight + 64) >> 7 : (a * (127 - weight) + b * weight) >> 7
    }

    if filter == .linear {
      let top = positionY >> 16
      return horizontal(sample(left, top, channel), sample(left + 1, top, channel))
    }
    if height <= source.height {
      return horizontal(
        vertical(left, positionY, channel, blends: true),
        vertical(left + 1, positionY, channel, blends: true))
    }
    let top = positionY >> 16
    let fraction = positionY >> 8 & 255
    let upper = horizontal(sample(left, top, channel), sample(left + 1, top, channel))
    guard fraction != 0 else { return upper }
    let lower = horizontal(sample(left, top + 1, channel), sample(left + 1, top + 1, channel))
    return (upper * (256 - fraction) + lower * fraction + 128) >> 8
  }

  /// Twice the size of a plane: three parts of the nearer neighbour and one of the farther.
  private func doubled(_ column: Int, _ row: Int, _ channel: Int) -> Int {
    let near = row / 2
    let far = min(max(row.isMultiple(of: 2) ? near - 1 : near + 1, 0), source.height - 1)
    return (3 * fourfold(column, near, channel) + fourfold(column, far, channel) + 8) >> 4
  }

  /// Twice as many columns of single rows, chosen evenly from the first to the last.
  private func doubledColumns(_ column: Int, _ row: Int, _ channel: Int) -> Int {
    let last = source.height - 1
    let top = height == 1 ? last / 2 : (0x7fff + row * ((last << 16) / (height - 1))) >> 16
    return (fourfold(column, top, channel) + 2) >> 2
  }

  /// Three times a row's nearer column and once the farther; the outermost have no neighbour.
  private func fourfold(_ column: Int, _ row: Int, _ channel: Int) -> Int {
    let near = column / 2
    let isOutermost = column == 0 || column == width - 1
    let far = isOutermost ? near : column.isMultiple(of: 2) ? near - 1 : near + 1
    return 3 * sample(near, row, channel) + sample(far, row, channel)
  }

  private func nearest(_ column: Int, _ row: Int, _ channel: Int) -> Int {
    sample((x.start + column * x.step) >> 16, (y.start + row * y.step) >> 16, channel)
  }

  private func vertical(_ column: Int, _ position: Int, _ channel: Int, blends: Bool) -> Int {
    let top = position >> 16
    let fraction = blends ? position >> 8 & 255 : 0
    let upper = sample(column, top, channel)
    guard fraction != 0 else { return upper }
    return (upper * (256 - fraction) + sample(column, top + 1, channel) * fraction + 128) >> 8
  }
}
