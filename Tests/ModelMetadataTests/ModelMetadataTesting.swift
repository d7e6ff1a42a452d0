import EmbedderModelMetadata
import EmbedderTestSupport

/// Reads a model file's bytes.
func readModel(_ bytes: [UInt8]) throws(MetadataError) -> ModelFile {
  try ModelFile(reading: unsafe bytes.span.bytes)
}

/// Reads one of the small models.
func readModel(named name: String) throws -> ModelFile {
  try readModel(contents(of: Fixtures.model(name)))
}

/// The usual tensors of the small models.
extension TensorDescription {
  static func image(
    _ elementType: ElementType, shape: [Int] = [1, 6, 8, 3], shapeSignature: [Int] = [],
    quantization: Quantization? = nil
  ) -> TensorDescription {
    TensorDescription(
      name: "image", elementType: elementType, shape: shape, shapeSignature: shapeSignature,
      quantization: quantization)
  }

  static func embedding(
    _ elementType: ElementType, shape: [Int] = [1, 144], shapeSignature: [Int] = [],
    quantization: Quantization? = nil
  ) -> TensorDescription {
    TensorDescription(
      name: "embedding", elementType: elementType, shape: shape, shapeSignature: shapeSignature,
      quantization: quantization)
  }
}
