/// How a feature map or tokens become one feature vector.
///
/// A map has the shape `[1, height, width, N]`, or `[1, N, height, width]` in the layout
/// ``TensorLayout/nchw``; tokens have the shape `[1, count, N]`. Outputs that hold one vector already are
/// left as they are. Quantized numbers are made real first.
public enum Pooling: String, Hashable, Sendable, CaseIterable {
  /// The mean of each of the N channels, summed in double precision.
  case mean
  /// The largest value of each channel.
  case max
  /// The first token, which transformers put there for the whole picture.
  case cls
  /// All numbers in their order.
  case flatten
}
