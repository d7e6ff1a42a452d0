public import EmbedderFrameBuffers

/// How the second picture of a pair is brought onto the first.
public struct PictureTransform: Hashable, Sendable {
  /// A part of a picture, in fractions of its upright width and height.
  public struct Window: Hashable, Sendable {
    /// The left edge, 0 to 1.
    public var x: Float
    /// The upper edge.
    public var y: Float
    /// The width.
    public var width: Float
    /// The height.
    public var height: Float

    /// All of a picture.
    public static let full = Window(x: 0, y: 0, width: 1, height: 1)

    /// Describes a part.
    public init(x: Float, y: Float, width: Float, height: Float) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }

    /// Where the part lies once the picture is turned and mirrored by the correction of an orientation.
    fileprivate func turned(by orientation: Orientation) -> Window {
      let (turns, mirrors) = orientation.correction
      var window = self
      for _ in 0..<turns {
        window = Window(
          x: window.y, y: 1 - window.x - window.width, width: window.height, height: window.width)
      }
      if mirrors { window.x = 1 - window.x - window.width }
      return window
    }
  }

  /// How the second picture is turned and mirrored first, by the numbers of EXIF.
  public var orientation: Orientation
  /// The part of the first picture that the second one shows; all of it unless the second is a crop.
  public var firstWindow = Window.full
  /// The part of the turned second picture that the first one shows; all of it unless the first is a crop.
  public var secondWindow = Window.full

  /// Describes a transform.
  public init(
    orientation: Orientation = .topLeft, firstWindow: Window = .full, secondWindow: Window = .full
  ) {
    self.orientation = orientation
    self.firstWindow = firstWindow
    self.secondWindow = secondWindow
  }

  /// How the first picture is brought onto the second.
  package var inverse: PictureTransform {
    let (turns, mirrors) = orientation.correction
    // A mirrored picture comes back the same way; a turned one the other way round.
    let back =
      mirrors
      ? orientation
      : Orientation.allCases.first { $0.correction == ((4 - turns) % 4, false) } ?? orientation
    return PictureTransform(
      orientation: back, firstWindow: secondWindow.turned(by: back),
      secondWindow: firstWindow.turned(by: back))
  }

  /// Whether one of the pictures shows a part of the other.
  public var isCrop: Bool { firstWindow != .full || secondWindow != .full }
}

extension PictureTransform: CustomStringConvertible {
  /// The transform in a word or two: `none`, `crop`, `mirror`, `turn 90`, `mirror, turn 90, crop`.
  ///
  /// Turns are clockwise, as the first picture is to the second.
  public var description: String {
    let (turns, mirrors) = orientation.correction
    var words: [String] = []
    // Mirrored after a turn is turned the other way after a mirror.
    if mirrors { words.append("mirror") }
    let clockwise = (mirrors ? turns : 4 - turns) % 4
    if clockwise > 0 { words.append("turn \(90 * clockwise)") }
    if isCrop { words.append("crop") }
    return words.isEmpty ? "none" : words.joined(separator: ", ")
  }
}
