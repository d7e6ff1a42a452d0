/// An input or output tensor of a model.
public struct TensorDescription: Hashable, Sendable {
  /// The tensor's name in the model; may be empty.
  public let name: String

  /// What the tensor is made of.
  public let elementType: ElementType

  /// The extents, outermost first: `[1, height, width, 3]` for an image.
  public let shape: [Int]

  /// The extents with −1 for those that may change, or empty where the model has no such record.
  public let shapeSignature: [Int]

  /// How the integers of a quantized tensor map to real numbers; `nil` where the model does not say,
  /// or says it per channel.
  public let quantization: Quantization?

  /// Describes a tensor.
  package init(
    name: String, elementType: ElementType, shape: [Int], shapeSignature: [Int] = [],
    quantization: Quantization? = nil
  ) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.shapeSignature = shapeSignature
    self.quantization = quantization
  }

  /// The same tensor with other extents.
  package func with(shape: [Int]) -> TensorDescription {
    TensorDescription(
      name: name, elementType: elementType, shape: shape, shapeSignature: shapeSignature,
      quantization: quantization)
  }

  /// The extents with a number for each that the model leaves open.
  ///
  /// An open batch is 1. What stands in the file for another open axis is taken where it is more than
  /// a placeholder.
  ///
  /// - Parameter openExtent: The number for the rest.
  /// - Returns: The extents, all of them known.
  package func shape(openExtent: Int) -> [Int] {
    shape.enumerated().map { axis, extent in
      guard isDynamic(axis: axis) else { return extent }
      return axis == 0 ? 1 : extent > 1 ? extent : openExtent
    }
  }

  /// Whether an extent other than the batch may change from one inference to the next.
  package var isOpen: Bool { shapeSignature.dropFirst().contains(-1) }

  /// Whether the extent at `axis` may change from one inference to the next.
  package func isDynamic(axis: Int) -> Bool {
    shapeSignature.indices.contains(axis) && shapeSignature[axis] == -1
  }
}

/// The mapping between a quantized tensor's integers and the real numbers they stand for:
/// `real = scale * (integer - zeroPoint)`.
public struct Quantization: Hashable, Sendable {
  /// The distance between neighbouring values.
  public let scale: Float

  /// The integer that stands for zero.
  public let zeroPoint: Int64

  /// Makes a mapping of its two parameters.
  public init(scale: Float, zeroPoint: Int64) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}

/// The element types of the TFLite schema, by its numbers.
@nonexhaustive
public enum ElementType: Int8, Sendable, CaseIterable {
  /// The types, in the order of the schema.
  case float32 = 0
  case float16, int32, uint8, int64, string, bool, int16, complex64, int8, float64, complex128
  case uint64, resource, variant, uint32, uint16, int4, bfloat16, int2, uint4
  case float8e4m3, float8e5m2
}
