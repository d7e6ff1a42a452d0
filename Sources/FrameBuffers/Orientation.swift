/// Where the first row and the first column of a stored image belong, by the numbers of EXIF.
///
/// The names say on which edge of the upright picture row 0 and column 0 lie: `rightTop` (6), what a
/// phone held upright writes, has its row 0 at the right and its column 0 at the top, and is brought
/// upright by a quarter turn clockwise.
public enum Orientation: UInt8, Sendable, CaseIterable {
  /// Upright.
  case topLeft = 1
  /// Mirrored left to right.
  case topRight = 2
  /// Turned by 180 degrees.
  case bottomRight = 3
  /// Mirrored top to bottom.
  case bottomLeft = 4
  /// Mirrored at the main diagonal.
  case leftTop = 5
  /// A quarter turn clockwise brings it upright.
  case rightTop = 6
  /// Mirrored at the other diagonal.
  case rightBottom = 7
  /// A quarter turn counter-clockwise brings it upright.
  case leftBottom = 8
}

extension Orientation {
  /// The steps that bring a stored image upright: first the turn, then the mirror.
  ///
  /// Follows `GetOrientParams` (tflite-support, cc/task/vision/utils/frame_buffer_common_utils).
  package var correction: (counterclockwiseQuarterTurns: Int, mirrorsLeftToRight: Bool) {
    switch self {
    case .topLeft: (0, false)
    case .topRight: (0, true)
    case .bottomRight: (2, false)
    case .bottomLeft: (2, true)
    case .leftTop: (3, true)
    case .rightTop: (3, false)
    case .rightBottom: (1, true)
    case .leftBottom: (1, false)
    }
  }

  /// Whether the upright picture is as wide as the stored one is high.
  public var swapsWidthAndHeight: Bool {
    !correction.counterclockwiseQuarterTurns.isMultiple(of: 2)
  }

  /// The width and height of a frame of the stored size once it is upright, or the other way round.
  package func turned(width: Int, height: Int) -> (width: Int, height: Int) {
    swapsWidthAndHeight ? (height, width) : (width, height)
  }

  /// The orientation whose correction is this one's followed by a turn of the upright picture.
  public func rotated(by rotation: Rotation) -> Orientation {
    let (turns, mirrors) = correction
    // A turn after a mirror is the opposite turn before it.
    let extra = rotation.counterclockwiseQuarterTurns
    let sum = (turns + (mirrors ? 4 - extra : extra)) % 4
    return Self.allCases.first { $0.correction == (sum, mirrors) } ?? self
  }
}

/// A turn of the upright picture.
public enum Rotation: Int, Sendable, CaseIterable {
  /// No turn.
  case none = 0
  /// A quarter turn clockwise.
  case clockwise90 = 90
  /// Half a turn.
  case clockwise180 = 180
  /// A quarter turn counter-clockwise.
  case clockwise270 = 270

  var counterclockwiseQuarterTurns: Int { (4 - rawValue / 90) % 4 }
}
