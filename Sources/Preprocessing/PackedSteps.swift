import CEmbedderLibYUV
import EmbedderFrameBuffers

/// The steps for RGB, RGBA and gray frames: widen, scale, bring upright, narrow.
///
/// All but the ends work on four bytes a pixel. The reference turns RGB into that form and back for each
/// step, which changes no value, so once is enough.
struct PackedSteps {
  let width: Int
  let height: Int
  let orientation: Orientation

  /// The size before the picture is brought upright.
  var storedWidth: Int { orientation.turned(width: width, height: height).width }
  var storedHeight: Int { orientation.turned(width: width, height: height).height }

  /// Upright RGB of an RGB image.
  func rgb(fromRGB image: Pixels, _ workspace: inout Workspace) throws(PreprocessingError) -> Pixels
  {
    if image.width == storedWidth, image.height == storedHeight, orientation == .topLeft {
      return image
    }
    let wide = try widen(image, &workspace)
    return try narrow(upright(scale(wide, &workspace), &workspace), &workspace)
  }

  /// Upright RGB of an RGBA image.
  func rgb(
    fromRGBA image: Pixels, _ alpha: AlphaTreatment, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    let opaque = alpha == .drop ? image : try flatten(image, alpha, &workspace)
    return try narrow(upright(scale(opaque, &workspace), &workspace), &workspace)
  }

  /// Upright RGB of a gray image: what the same image in three equal channels gives.
  func rgb(fromGray image: Pixels, _ workspace: inout Workspace) throws(PreprocessingError)
    -> Pixels
  {
    let wide = try widen(image, isGray: true, &workspace)
    return try narrow(upright(scale(wide, &workspace), &workspace), &workspace)
  }

  // MARK: Four bytes a pixel

  /// Three bytes a pixel, or one, to four, of those rows that scaling reads.
  private func widen(
    _ image: Pixels, isGray: Bool = false, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    let stride = image.width * 4
    let target = try unsafe workspace.converted.take(stride * image.height)
    for rows in SampledRows(sourceHeight: image.height, targetHeight: storedHeight) {
      let convert = unsafe isGray ? J400ToARGB : RGB24ToARGB
      try check(
        isGray ? "J400ToARGB" : "RGB24ToARGB",
        unsafe convert(
          image.start + rows.lowerBound * image.stride, CInt(image.stride),
          target + rows.lowerBound * stride, CInt(stride), CInt(image.width), CInt(rows.count)))
    }
    return unsafe Pixels(start: target, stride: stride, width: image.width, height: image.height)
  }

  /// RGBA on a backdrop, of those rows that scaling reads.
  private func flatten(
    _ image: Pixels, _ alpha: AlphaTreatment, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    let stride = image.width * 4
    let target = try unsafe workspace.converted.take(stride * image.height)
    for row in SampledRows(sourceHeight: image.height, targetHeight: storedHeight).joined() {
      unsafe alpha.write(
        image.start + row * image.stride, to: target + row * stride, count: image.width)
    }
    return unsafe Pixels(start: target, stride: stride, width: image.width, height: image.height)
  }

  private func scale(
    _ image: Pixels, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    if image.width == storedWidth, image.height == storedHeight { return image }
    let target = try Pixels(
      in: &workspace, width: storedWidth, height: storedHeight, bytesPerPixel: 4)
    try check(
      "ARGBScale",
      unsafe ARGBScale(
        image.start, CInt(image.stride), CInt(image.width), CInt(image.height), target.mutableStart,
        CInt(target.stride), CInt(target.width), CInt(target.height), kFilterBilinear))
    return target
  }

  private func upright(
    _ image: Pixels, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    var image = image
    if orientation.rotationMode != kRotate0 {
      image = try aligned(image, &workspace)
      let target = try Pixels(in: &workspace, width: width, height: height, bytesPerPixel: 4)
      try check(
        "ARGBRotate",
        unsafe ARGBRotate(
          image.start, CInt(image.stride), target.mutableStart, CInt(target.stride),
          CInt(image.width), CInt(image.height), orientation.rotationMode))
      image = target
    }
    if orientation.correction.mirrorsLeftToRight {
      let target = try Pixels(in: &workspace, width: width, height: height, bytesPerPixel: 4)
      try check(
        "ARGBMirror",
        unsafe ARGBMirror(
          image.start, CInt(image.stride), target.mutableStart, CInt(target.stride), CInt(width),
          CInt(height)))
      image = target
    }
    return image
  }

  /// The image with a stride that libyuv can turn, which is a multiple of a pixel's size.
  private func aligned(
    _ image: Pixels, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    guard !image.stride.isMultiple(of: 4) else { return image }
    let target = try Pixels(
      in: &workspace, width: image.width, height: image.height, bytesPerPixel: 4)
    try check(
      "ARGBCopy",
      unsafe ARGBCopy(
        image.start, CInt(image.stride), target.mutableStart, CInt(target.stride),
        CInt(image.width), CInt(image.height)))
    return target
  }

  /// Four bytes a pixel to three: the last is dropped.
  private func narrow(
    _ image: Pixels, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    let target = try Pixels(
      in: &workspace, width: image.width, height: image.height, bytesPerPixel: 3)
    try check(
      "ARGBToRGB24",
      unsafe ARGBToRGB24(
        image.start, CInt(image.stride), target.mutableStart, CInt(target.stride),
        CInt(image.width), CInt(image.height)))
    return target
  }
}
