/// A rectangle of whole pixels in a picture.
///
/// It is never clamped: a region that reaches outside the picture, or is empty, is an error where it
/// is used.
public struct RegionOfInterest: Hashable, Sendable {
  /// The column of the left edge, from 0.
  public var x: Int
  /// The row of the top edge, from 0.
  public var y: Int
  /// The number of columns, at least 1.
  public var width: Int
  /// The number of rows, at least 1.
  public var height: Int

  /// Makes a region of its top left corner and its size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Throws unless the region has at least one pixel and lies inside a picture of the given size.
  package func validate(inWidth width: Int, height: Int) throws(FrameBufferError) {
    guard self.width > 0, self.height > 0, x >= 0, y >= 0,
      self.width <= width, self.height <= height,
      x <= width - self.width, y <= height - self.height
    else {
      throw .regionOutside(self, width: width, height: height)
    }
  }

  /// The same pixels in the stored frame, where this region is given in the upright picture.
  ///
  /// The region must lie inside the picture. Inverse of `OrientBoundingBox` (tflite-support,
  /// cc/task/vision/utils/frame_buffer_utils).
  ///
  /// - Parameters:
  ///   - orientation: The stored frame's.
  ///   - storedWidth: The stored frame's width.
  ///   - storedHeight: The stored frame's height.
  /// - Returns: The region in pixels of the stored frame.
  package func stored(
    orientation: Orientation, storedWidth: Int, storedHeight: Int
  ) -> RegionOfInterest {
    let (turns, mirrors) = orientation.correction
    let upright = orientation.turned(width: storedWidth, height: storedHeight)
    let left = mirrors ? upright.width - x - width : x
    return switch turns {
    case 1:
      RegionOfInterest(x: storedWidth - y - height, y: left, width: height, height: width)
    case 2:
      RegionOfInterest(
        x: storedWidth - left - width, y: storedHeight - y - height, width: width, height: height)
    case 3:
      RegionOfInterest(x: y, y: storedHeight - left - width, width: height, height: width)
    default:
      RegionOfInterest(x: left, y: y, width: width, height: height)
    }
  }
}
