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
    let whole = RegionOfInterest(x: 0, y: 0, width: image.frame.width, height: image.frame.height)
    self.init(image.frame, in: image.reduction?.region(nil) ?? whole)
  }

  /// Averages a region of a frame of packed pixels.
  private init(_ frame: FrameBuffer, in region: RegionOfInterest) {
    let channels = frame.format.bytesPerPixel
    var luma = CellMeans(width: region.width, height: region.height)
    var color = CellMeans(width: region.width, height: region.height)
    let view = frame.view
    unsafe view.firstPlane.withUnsafeBytes { bytes in
      for row in 0..<region.height {
        let start = (region.y + row) * view.rowStride + region.x * channels
        let line = unsafe UnsafeRawBufferPointer(
          rebasing: bytes[start..<start + region.width * channels])
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
        guard row.isMultiple(of: 4) || region.height < 8 * Self.side else { continue }
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
private struct CellMeans {
  private static let side = LumaPicture.side
  private let columns: [Cover]
  private let width: Int
  private let height: Int
  private var sums = [Float](repeating: 0, count: LumaPicture.count)
  private var weights = [Float](repeating: 0, count: LumaPicture.side)

  /// The source pixels under one cell along an axis: whole ones, and shares of the ones before and behind.
  private struct Cover {
    let whole: Range<Int>
    let leading: Float
    let trailing: Float
  }

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    columns = (0..<Self.side).map { Self.cover($0, of: width) }
  }

  private static func cover(_ cell: Int, of length: Int) -> Cover {
    // In parts of which a source pixel has as many as there are cells.
    let (start, end) = (cell * length, (cell + 1) * length)
    let (first, last) = ((start + side - 1) / side, end / side)
    guard first <= last else {
      // Inside of one pixel.
      return Cover(whole: last..<last, leading: 0, trailing: Float(end - start) / Float(side))
    }
    return Cover(
      whole: first..<last, leading: Float(first * side - start) / Float(side),
      trailing: Float(end - last * side) / Float(side))
  }

  /// Adds a row, whose samples are in parts of 256.
  @inline(__always)
  mutating func addRow(_ row: Int, _ sample: (Int) -> UInt32) {
    // The cells that the row reaches into: more than one for an image of fewer rows than cells.
    let firstCell = row * Self.side / height
    let lastCell = min(Self.side - 1, ((row + 1) * Self.side - 1) / height)
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
    let start = max(row * Self.side, cell * height)
    let end = min((row + 1) * Self.side, (cell + 1) * height)
    return Float(end - start) / Float(Self.side)
  }

  /// The means, rounded; 0 where no row came.
  func means() -> [UInt8] {
    let cellWidth = Float(width) / Float(Self.side)
    return sums.indices.map { index in
      let area = weights[index / Self.side] * cellWidth * 256
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
