import EmbedderModelMetadata
import EmbedderPreprocessing

/// A model's input as an image: where its extents are and how its pixels are written.
struct ImageInput: Hashable, Sendable {
  /// What stands in the file, and what it leaves open.
  let tensor: TensorDescription
  /// Where the channels are.
  let layout: TensorLayout
  /// How pixels become numbers.
  let encoding: PixelEncoding
  /// The number of images of a run: 1, or what the model fixes.
  ///
  /// The picture is the first of them.
  var batch: Int

  /// The shape for an upright picture, whose size an open extent takes.
  func shape(width: Int, height: Int) -> [Int] {
    let (vertical, horizontal) = (layout.heightAxis, layout.widthAxis)
    return layout.shape(
      batch: batch, height: tensor.isDynamic(axis: vertical) ? height : tensor.shape[vertical],
      width: tensor.isDynamic(axis: horizontal) ? width : tensor.shape[horizontal])
  }
}

extension TensorDescription {
  /// The number of images that the model wants at once: 1, unless it fixes another number.
  var fixedBatch: Int { isDynamic(axis: 0) ? 1 : shape.first ?? 1 }

  /// Where an image of three channels has them, or `nil` for another shape.
  ///
  /// `[1, 3, height, 3]` can be
  /// read both ways and is taken for TFLite's own, with the channels last.
  var imageLayout: TensorLayout? {
    guard shape.count == 4 else { return nil }
    return [TensorLayout.nhwc, .nchw].first { layout in
      shape[layout.channelAxis] == 3 && !isDynamic(axis: layout.channelAxis)
    }
  }

  /// Whether the shape is that of an image in either layout.
  var isAmbiguousImage: Bool {
    imageLayout == .nhwc && shape[TensorLayout.nchw.channelAxis] == 3
  }
}
