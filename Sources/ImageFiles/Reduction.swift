package import EmbedderFrameBuffers

/// How much smaller than the picture a decoded frame is.
///
/// A pixel of the frame stands for a square of `factor` x `factor` pixels of the stored picture, counted
/// from its first row and column. The squares of the last row and column may reach outside.
public struct Reduction: Hashable, Sendable {
  /// The pixels of the picture that one of the frame stands for, along each axis: 2, 4 or 8.
  public let factor: Int
  /// The width of the picture as it is stored.
  public let fullWidth: Int
  /// Its height.
  public let fullHeight: Int

  /// Makes a reduction of a stored picture's size.
  package init(factor: Int, fullWidth: Int, fullHeight: Int) {
    self.factor = factor
    self.fullWidth = fullWidth
    self.fullHeight = fullHeight
  }

  /// The width of the frame, rounded up as libjpeg-turbo does.
  var width: Int { (fullWidth + factor - 1) / factor }
  /// The height of the frame.
  var height: Int { (fullHeight + factor - 1) / factor }

  /// The pixels of the frame that stand for a region of the stored picture, or for all of it.
  ///
  /// Each edge goes to the nearest one between two pixels of the frame, and at least one pixel is left.
  /// Of the picture itself a last row or column goes that less than half lies inside.
  ///
  /// - Parameter region: Pixels of the stored picture, inside it.
  /// - Returns: Pixels of the frame, inside it.
  package func region(_ region: RegionOfInterest?) -> RegionOfInterest {
    let full =
      region ?? RegionOfInterest(x: 0, y: 0, width: fullWidth, height: fullHeight)
    let columns = pixels(full.x, full.x + full.width, of: width)
    let rows = pixels(full.y, full.y + full.height, of: height)
    return RegionOfInterest(
      x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  private func pixels(_ start: Int, _ end: Int, of length: Int) -> Range<Int> {
    let first = min((start + factor / 2) / factor, length - 1)
    return first..<max((end + factor / 2) / factor, first + 1)
  }
}
