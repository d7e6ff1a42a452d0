import CEmbedderBuiltInModels
import EmbedderLiteRtRuntime
public import EmbedderStorage

/// The models that travel inside the library, usable wherever a model's path is.
@nonexhaustive
public enum BuiltInModel: String, Sendable, CaseIterable {
  /// EfficientNet-Lite0 trained on ImageNet: 224 x 224 RGB to 1280 floats.
  case efficientNetLite0 = "efficientnet-lite0"
  /// The same quantized to int8: about twice as fast, nearly the same vectors.
  case efficientNetLite0Int8 = "efficientnet-lite0-int8"

  /// The SHA-256 of the model file.
  public var digest: SHA256Digest {
    switch self {
    case .efficientNetLite0: "99c0da65e6f1145b9f1aab5ab46179d16ffa61c446cae4faae54d80bc1ffb6d1"
    case .efficientNetLite0Int8: "a8fe1a5dada98573bd4b241a0c8b99f2c5a59ad9ec9a81bdc5f60a9680f4cc8f"
    }
  }

  /// Whether the model is part of the program; it is not where the program was linked without it,
  /// because it has it beside it.
  var isInside: Bool { !bytes.bytes.isEmpty }

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

  /// Where the model is when it is not part of the program.
  var pathBeside: String {
    "\(ownFolder() ?? ".")/../models/\(rawValue).tflite"
  }
}
