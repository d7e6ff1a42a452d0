public import EmbedderFrameBuffers

/// What a picture is decoded for, so that no more of it need be decoded than that takes.
public struct DecodingTarget: Hashable, Sendable {
  /// The width that is wanted, in pixels of the upright picture.
  public var width: Int
  /// The height that is wanted.
  public var height: Int
  /// What of the upright picture is to have that size, in pixels of the full picture; by default all.
  public var region: RegionOfInterest?

  /// Makes a target of a size and what is to have it.
  public init(width: Int, height: Int, region: RegionOfInterest? = nil) {
    self.width = width
    self.height = height
    self.region = region
  }

  /// The strongest reduction of a stored picture at which the region still covers the wanted size, or
  /// `nil` for none.
  func reduction(
    storedWidth: Int, storedHeight: Int, orientation: Orientation
  ) -> Reduction? {
    guard isInside(storedWidth, storedHeight, orientation) else { return nil }
    let stored = region?.stored(
      orientation: orientation, storedWidth: storedWidth, storedHeight: storedHeight)
    return [8, 4, 2].lazy.map {
      Reduction(factor: $0, fullWidth: storedWidth, fullHeight: storedHeight)
    }.first {
      let reduced = $0.region(stored)
      let wanted = orientation.turned(width: width, height: height)
      return reduced.width >= wanted.width && reduced.height >= wanted.height
    }
  }

  /// The rows of a stored picture that the resize to the wanted size reads, or `nil` where these are
  /// more than half of all.
  func sampledRows(
    storedWidth: Int, storedHeight: Int, orientation: Orientation
  ) -> SampledRows? {
    guard isInside(storedWidth, storedHeight, orientation) else { return nil }
    let stored = region?.stored(
      orientation: orientation, storedWidth: storedWidth, storedHeight: storedHeight)
    let rows = SampledRows(
      top: stored?.y ?? 0, sourceHeight: stored?.height ?? storedHeight,
      targetHeight: orientation.turned(width: width, height: height).height)
    return rows.reduce(0) { $0 + $1.count } * 2 <= storedHeight ? rows : nil
  }

  /// Whether the region lies inside the picture.
  ///
  /// What lies outside becomes an error where it is used; until then nothing is lost.
  private func isInside(
    _ storedWidth: Int, _ storedHeight: Int, _ orientation: Orientation
  ) -> Bool {
    let upright = orientation.turned(width: storedWidth, height: storedHeight)
    guard let region else { return true }
    return (try? region.validate(inWidth: upright.width, height: upright.height)) != nil
  }
}
