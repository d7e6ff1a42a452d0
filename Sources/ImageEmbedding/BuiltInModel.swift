import CBuiltInModels
import Storage

/// The models that travel inside the library, usable wherever a model's path is.
public enum BuiltInModel: String, Sendable, CaseIterable {
  /// EfficientNet-Lite0 trained on ImageNet: 224 x 224 RGB to 1280 floats.
  case efficientNetLite0 = "efficientnet-lite0"
  /// The same quantized to int8: about twice as fast, nearly the same vectors.
  case efficientNetLite0Int8 = "efficientnet-lite0-int8"

  /// The model's bytes, which are part of the program and copied nowhere.
  var bytes: SharedBytes {
    let model =
      switch self {
      case .efficientNetLite0: unsafe cbuiltin_efficientnet_lite0()
      case .efficientNetLite0Int8: unsafe cbuiltin_efficientnet_lite0_int8()
      }
    return unsafe SharedBytes(
      constant: UnsafeRawBufferPointer(start: model.bytes, count: model.byte_count))
  }
}
