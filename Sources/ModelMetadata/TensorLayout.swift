/// Where a tensor of an image or a feature map has its channels.
public enum TensorLayout: String, Hashable, Sendable, CaseIterable {
  /// Last, as TensorFlow has them: `[batch, height, width, channels]`.
  case nhwc
  /// Before height and width, as PyTorch has them: `[batch, channels, height, width]`.
  case nchw

  /// The axis of the height.
  package var heightAxis: Int { self == .nhwc ? 1 : 2 }

  /// The axis of the width.
  package var widthAxis: Int { heightAxis + 1 }

  /// The axis of the channels.
  package var channelAxis: Int { self == .nhwc ? 3 : 1 }

  /// The shape of images of three channels.
  package func shape(batch: Int, height: Int, width: Int) -> [Int] {
    self == .nhwc ? [batch, height, width, 3] : [batch, 3, height, width]
  }
}
