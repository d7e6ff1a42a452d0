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
    guard let stored = storedRegion(storedWidth, storedHeight, orientation) else { return nil }
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
    guard let stored = storedRegion(storedWidth, storedHeight, orientation) else { return nil }
    let rows = SampledRows(
      top: stored.y, sourceHeight: stored.height,
      targetHeight: orientation.turned(width: width, height: height).height)
    return rows.reduce(0) { $0 + $1.count } * 2 <= storedHeight ? rows : nil
  }

  /// The region in pixels of the stored picture, or `nil` where it reaches outside.
  ///
  /// What lies outside becomes an error where it is used; until then nothing is lost.
  private func storedRegion(
    _ storedWidth: Int, _ storedHeight: Int, _ orientation: Orientation
  ) -> RegionOfInterest? {
    let whole = RegionOfInterest(x: 0, y: 0, width: storedWidth, height: storedHeight)
    guard let region else { return whole }
    let upright = orientation.turned(width: storedWidth, height: storedHeight)
    guard (try? region.validate(inWidth: upright.width, height: upright.height)) != nil else {
      return nil
    }
    return region.stored(
      orientation: orientation, storedWidth: storedWidth, storedHeight: storedHeight)
  }
}
