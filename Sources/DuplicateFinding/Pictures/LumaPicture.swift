package import EmbedderFrameBuffers
package import EmbedderImageFiles
import EmbedderStorage

/// A picture's luma at 64 x 64 pixels, upright, each the mean of the area that it covers.
///
/// Squeezed to a square whatever the picture's shape, so that the eight orientations of it are moves of its
/// pixels.
package struct LumaPicture: Hashable, Sendable {
  /// The pixels along each side.
  package static let side = 64
  /// The number of pixels.
  package static let count = side * side

  /// The pixels, row by row from the upper left.
  package let pixels: [UInt8]
  /// How much colour the picture shows: the largest mean, over a cell of 8 x 8 in its whole, of what lies
  /// between the largest and the smallest channel, 0 to 255.
  package let colorfulness: UInt8

  package init(pixels: [UInt8], colorfulness: UInt8) {
    self.pixels = pixels
    self.colorfulness = colorfulness
  }

  /// Averages a decoded image, of which the frame may be a reduction.
  package init(_ image: DecodedImage) {
    let frame = image.frame
    let channels = frame.format.bytesPerPixel
    let factor = image.reduction?.factor ?? 1
    var luma = CellMeans(width: image.storedWidth, height: image.storedHeight, factor: factor)
    var color = luma
    let view = frame.view
    unsafe view.firstPlane.withUnsafeBytes { bytes in
      for row in 0..<frame.height {
        let start = row * view.rowStride
        let line = unsafe UnsafeRawBufferPointer(
          rebasing: bytes[start..<start + frame.width * channels])
        guard channels >= 3 else {
          luma.addRow(row) { unsafe UInt32(line[$0 * channels]) << 8 }
          continue
        }
        // The weights of Rec. 601 in parts of 256.
        luma.addRow(row) { column in
          let pixel = column &* channels
          return unsafe 77 &* UInt32(line[pixel]) &+ 150 &* UInt32(line[pixel &+ 1])
            &+ 29 &* UInt32(line[pixel &+ 2])
        }
        // Every fourth row tells of colour, where each cell has some.
        guard row.isMultiple(of: 4) || frame.height < 8 * Self.side else { continue }
        color.addRow(row) { column in
          let pixel = column &* channels
          let (red, green, blue) = unsafe (line[pixel], line[pixel &+ 1], line[pixel &+ 2])
          return UInt32(max(red, green, blue) &- min(red, green, blue)) << 8
        }
      }
    }
    pixels = Self.turned(luma.means(), by: frame.orientation)
    colorfulness = channels >= 3 ? color.means().coarseMaximum : 0
  }

  /// Whether the picture shows nothing: no pixel is far from the mean.
  package var isFlat: Bool {
    let sum = pixels.reduce(0) { $0 + Int($1) }
    let mean = Double(sum) / Double(Self.count)
    let variance = pixels.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (variance / Double(Self.count)).squareRoot() < Self.flatDeviation
  }

  /// The standard deviation in levels below which a picture is flat; noise of a scanner or a sensor
  /// averages out to less, and what little a foggy photograph shows is more.
  private static let flatDeviation = 1.5

  /// The least ``colorfulness`` of a picture that is not gray; lossy files bring a little into gray ones.
  package static let leastColorfulness: UInt8 = 6

  /// The square with its rows and columns brought upright.
  package static func turned(_ pixels: [UInt8], by orientation: Orientation) -> [UInt8] {
    guard orientation != .topLeft else { return pixels }
    let places = SquareTurn.places(orientation, side: side)
    return places.map { pixels[Int($0)] }
  }
}

/// The means of the cells of a grid over an image whose rows come one by one.
///
/// Of a reduced image the last row and column may reach outside of the picture, and count by what is inside.
private struct CellMeans {
  private static let side = LumaPicture.side
  private let columns: [Cover]
  private let height: Int
  /// Lengths are counted in parts, of which a cell has as many as the picture has pixels, and a sample this
  /// many.
  private let sampleLength: Int
  private var sums = [Float](repeating: 0, count: LumaPicture.count)
  private var weights = [Float](repeating: 0, count: LumaPicture.side)

  /// The samples under one cell along an axis: whole ones, and shares of the ones before and behind.
  private struct Cover {
    let whole: Range<Int>
    let leading: Float
    let trailing: Float
    var total: Float { Float(whole.count) + leading + trailing }
  }

  init(width: Int, height: Int, factor: Int) {
    self.height = height
    let sampleLength = Self.side * factor
    self.sampleLength = sampleLength
    columns = (0..<Self.side).map { cell in
      let (start, end) = (cell * width, (cell + 1) * width)
      let (first, last) = ((start + sampleLength - 1) / sampleLength, end / sampleLength)
      guard first <= last else {
        // Inside of one sample.
        return Cover(
          whole: last..<last, leading: 0, trailing: Float(end - start) / Float(sampleLength))
      }
      return Cover(
        whole: first..<last, leading: Float(first * sampleLength - start) / Float(sampleLength),
        trailing: Float(end - last * sampleLength) / Float(sampleLength))
    }
  }

  /// Adds a row, whose samples are in parts of 256.
  @inline(__always)
  mutating func addRow(_ row: Int, _ sample: (Int) -> UInt32) {
    // The cells that the row reaches into: more than one for an image of fewer rows than cells.
    let firstCell = min(Self.side - 1, row * sampleLength / height)
    let lastCell = min(Self.side - 1, ((row + 1) * sampleLength - 1) / height)
    for (column, cover) in columns.enumerated() {
      var whole: UInt64 = 0
      for place in cover.whole { whole &+= UInt64(sample(place)) }
      var sum = Float(whole)
      if cover.leading > 0 { sum += cover.leading * Float(sample(cover.whole.lowerBound - 1)) }
      if cover.trailing > 0 { sum += cover.trailing * Float(sample(cover.whole.upperBound)) }
      for cell in firstCell...lastCell {
        sums[cell * Self.side + column] += sum * share(of: row, in: cell)
      }
    }
    for cell in firstCell...lastCell { weights[cell] += share(of: row, in: cell) }
  }

  /// How much of a row lies in a row of cells.
  private func share(of row: Int, in cell: Int) -> Float {
    let start = max(row * sampleLength, cell * height)
    let end = min((row + 1) * sampleLength, (cell + 1) * height)
    return Float(max(0, end - start)) / Float(sampleLength)
  }

  /// The means, rounded; 0 where no row came.
  func means() -> [UInt8] {
    return sums.indices.map { index in
      let area = weights[index / Self.side] * columns[index % Self.side].total * 256
      return area > 0 ? UInt8(min(255, (sums[index] / area).rounded())) : 0
    }
  }
}

extension [UInt8] {
  /// The largest mean of an 8 x 8 cell of a small picture.
  fileprivate var coarseMaximum: UInt8 {
    let (side, step) = (LumaPicture.side, LumaPicture.side / 8)
    var largest = 0
    for cell in 0..<64 {
      let (top, left) = (cell / 8 * step, cell % 8 * step)
      var sum = 0
      for row in top..<top + step {
        for column in left..<left + step { sum += Int(self[row * side + column]) }
      }
      largest = Swift.max(largest, sum / (step * step))
    }
    return UInt8(largest)
  }
}
