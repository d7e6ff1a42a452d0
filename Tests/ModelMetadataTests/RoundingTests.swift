import Testing

@testable import EmbedderModelMetadata

@Suite("What a model rounds to")
struct RoundingTests {
  private func tensor(
    _ type: ElementType, isConstant: Bool = false, scaleCount: Int = 1
  ) -> TensorRecord {
    TensorRecord(
      elementType: type, shape: [1], data: isConstant ? 0..<1 : nil, isVariable: false,
      scaleCount: scaleCount, quantizedAxis: 0)
  }

  @Test("is nothing where no tensor is quantized")
  func realNumbers() {
    #expect(Rounding(of: [tensor(.float32, scaleCount: 0)]) == .none)
    #expect(Rounding(of: []) == .none)
  }

  @Test("is what its values are, not what its weights are")
  func values() {
    let weights = tensor(.int8, isConstant: true, scaleCount: 4)
    #expect(Rounding(of: [weights, tensor(.int16)]) == .int16)
    #expect(Rounding(of: [weights, tensor(.int16), tensor(.uint8)]) == .int8)
    #expect(Rounding(of: [weights, tensor(.int8)]) == .int8)
  }

  // Kernels round the values themselves for products with weights of 8 bits.
  @Test("is 8 bits where only weights are quantized")
  func weights() {
    let weights = tensor(.int8, isConstant: true, scaleCount: 4)
    #expect(Rounding(of: [weights, tensor(.float32, scaleCount: 0)]) == .int8)
  }
}
