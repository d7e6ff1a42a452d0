import EmbedderFrameBuffers

/// A picture's own crop, rotation and mirror, as far as libheif does not do them.
struct HEIFTransforms {
  private enum Step {
    case rotation(quarterTurnsAnticlockwise: Int)
    case mirror(swapsLeftAndRight: Bool)
    case crop(HEIFCleanAperture)
  }

  private var steps: [Step] = []

  /// Reads the transforms of an item in the order in which they are to be done.
  init(
    of item: Int, in structure: HEIFStructure, _ bytes: RawSpan
  ) throws(DecodingError) {
    for association in structure.associations[item] ?? [] {
      guard structure.properties.indices.contains(association.index - 1) else { continue }
      let box = structure.properties[association.index - 1]
      switch box.type {
      case HEIFCode.irot:
        let angle = bytes.integer(at: box.content.lowerBound, byteCount: 1, .bigEndian) ?? 0
        steps.append(.rotation(quarterTurnsAnticlockwise: angle & 3))
      case HEIFCode.imir:
        let axis = bytes.integer(at: box.content.lowerBound, byteCount: 1, .bigEndian) ?? 0
        steps.append(.mirror(swapsLeftAndRight: axis & 1 == 1))
      case HEIFCode.clap:
        guard let aperture = HEIFCleanAperture(box, in: bytes) else {
          throw .damaged(structure.format, details: "its crop is of no size")
        }
        steps.append(.crop(aperture))
      default: break
      }
    }
  }

  /// Where the visible part lies in the stored picture, and how that is brought upright.
  ///
  /// Returns `nil` where nothing is visible.
  func applied(
    width: Int, height: Int
  ) -> (region: RegionOfInterest, orientation: Orientation)? {
    var region = RegionOfInterest(x: 0, y: 0, width: width, height: height)
    var orientation = Orientation.topLeft
    for step in steps {
      switch step {
      case .rotation(let count):
        let turns: [Rotation] = [.none, .clockwise270, .clockwise180, .clockwise90]
        orientation = orientation.rotated(by: turns[count])
      case .mirror(let swapsLeftAndRight):
        orientation = orientation.mirrored(swapsLeftAndRight: swapsLeftAndRight)
      case .crop(let aperture):
        let swaps = orientation.swapsWidthAndHeight
        guard let columns = aperture.columns(of: swaps ? region.height : region.width),
          let rows = aperture.rows(of: swaps ? region.width : region.height)
        else { return nil }
        let part = RegionOfInterest(
          x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count
        ).stored(
          orientation: orientation, storedWidth: region.width, storedHeight: region.height)
        region = RegionOfInterest(
          x: region.x + part.x, y: region.y + part.y, width: part.width, height: part.height)
      }
    }
    return (region, orientation)
  }
}

extension Orientation {
  /// The orientation whose upright picture is this one's, mirrored.
  fileprivate func mirrored(swapsLeftAndRight: Bool) -> Orientation {
    // Top and bottom change places by half a turn and a mirror.
    let (turns, mirrors) = (swapsLeftAndRight ? self : rotated(by: .clockwise180)).correction
    return Self.allCases.first { $0.correction == (turns, !mirrors) } ?? self
  }
}

/// A crop by fractions, rounded as libheif rounds it.
struct HEIFCleanAperture {
  private let width: Double
  private let height: Double
  private let horizontalOffset: Double
  private let verticalOffset: Double

  /// Reads the eight numbers; `nil` where they make no size.
  init?(_ box: HEIFBox, in bytes: RawSpan) {
    var fields = HEIFFields(box.content, in: bytes)
    var values: [Double] = []
    for index in 0..<4 {
      guard let numerator = fields.next(4), let denominator = fields.next(4), denominator > 0 else {
        return nil
      }
      // Offsets may be negative.
      let signed = index < 2 ? numerator : Int(Int32(truncatingIfNeeded: numerator))
      values.append(Double(signed) / Double(denominator))
    }
    (width, height, horizontalOffset, verticalOffset) = (
      values[0], values[1], values[2], values[3]
    )
  }

  /// The columns that are left of so many; `nil` for none.
  func columns(of count: Int) -> Range<Int>? {
    let left = (horizontalOffset + Double(count - 1) / 2 - (width - 1) / 2).rounded(.down)
    return Self.clipped(left, width, count)
  }

  /// The rows that are left of so many.
  func rows(of count: Int) -> Range<Int>? {
    let top = (verticalOffset + Double(count - 1) / 2 - (height - 1) / 2).rounded()
    return Self.clipped(top, height, count)
  }

  private static func clipped(_ start: Double, _ length: Double, _ count: Int) -> Range<Int>? {
    let first = Int(max(start, 0))
    let last = Int(min((length - 1 + start).rounded(), Double(count - 1)))
    return first <= last && first < count ? first..<last + 1 : nil
  }
}
