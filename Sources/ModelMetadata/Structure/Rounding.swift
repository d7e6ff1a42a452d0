/// What a model rounds its values to on their way through it.
///
/// Engines sum in different orders and round at different places, so that their results differ by some of
/// these steps.
package enum Rounding: Hashable, Sendable {
  /// Nothing coarser than real numbers are.
  case none
  /// Integers of 16 bits.
  case int16
  /// Integers of 8 bits or fewer, kept in the model or made for the products with weights of 8 bits.
  case int8

  /// Finds what tensors are rounded to.
  init(of tensors: [TensorRecord]) {
    let quantized = tensors.filter { $0.scaleCount > 0 }
    let computed = quantized.filter { $0.data == nil }.compactMap(\.elementType.bitCount)
    if let finest = computed.min() {
      self = finest <= 8 ? .int8 : .int16
    } else {
      self = quantized.isEmpty ? .none : .int8
    }
  }
}
