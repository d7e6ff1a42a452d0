import CEmbedderLiteRt
package import EmbedderModelMetadata
package import EmbedderStorage

/// A model that the runtime has verified and loaded, with the bytes that it goes on reading.
///
/// Loading goes through the one call that runs the FlatBuffers verifier
/// (`LiteRtCreateModelFromBuffer`); the calls for files do not verify and crash on damaged ones.
/// Sendable: several threads may compile one model at once.
@safe
package final class Model: Sendable {
  package let environment: Environment
  package let bytes: SharedBytes

  // The handle is written once; the model is not changed by the calls that we make.
  nonisolated(unsafe) let handle: LiteRtModel

  /// Loads a model; its bytes are kept, not copied.
  ///
  /// - Throws: ``LiteRtError/invalidModel(_:)`` when the runtime refuses the bytes.
  package init(environment: Environment, bytes: SharedBytes) throws(LiteRtError) {
    var handle: LiteRtModel?
    let status = unsafe bytes.bytes.withUnsafeBytes { buffer in
      unsafe environment.library.functions.CreateModelFromBuffer(
        environment.handle, buffer.baseAddress, buffer.count, &handle)
    }
    guard status == LiteRtStatus.ok.rawValue, let handle = unsafe handle else {
      throw .invalidModel(LiteRtStatus(rawValue: status))
    }
    self.environment = environment
    self.bytes = bytes
    unsafe self.handle = handle
  }

  deinit {
    unsafe environment.library.functions.DestroyModel(handle)
  }

  /// The bytes that the model keeps under `name`, or `nil` where it has none of that name.
  package func metadata(named name: String) -> [UInt8]? {
    var start: UnsafeRawPointer?
    var count = 0
    guard
      unsafe environment.library.functions.GetModelMetadata(handle, name, &start, &count)
        == LiteRtStatus.ok.rawValue
    else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The inputs and outputs of the first signature, as the runtime sees them, and for each output the
  /// first one that is the same tensor.
  ///
  /// - Throws: ``LiteRtError/callFailed(function:_:details:)``, and
  ///   ``LiteRtError/unsupportedTensor(name:reason:)`` for a tensor without a rank.
  package func border() throws(LiteRtError) -> (
    inputs: [TensorDescription], outputs: [TensorDescription], firstOfTensor: [Int]
  ) {
    let library = environment.library
    let functions = library.functions
    var signature: LiteRtSignature?
    try library.check(
      "LiteRtGetModelSignature", unsafe functions.GetModelSignature(handle, 0, &signature))
    var inputCount = 0
    try library.check(
      "LiteRtGetNumSignatureInputs",
      unsafe functions.GetNumSignatureInputs(signature, &inputCount))
    var outputCount = 0
    try library.check(
      "LiteRtGetNumSignatureOutputs",
      unsafe functions.GetNumSignatureOutputs(signature, &outputCount))

    var inputs: [TensorDescription] = []
    for index in 0..<inputCount {
      var tensor: LiteRtTensor?
      try library.check(
        "LiteRtGetSignatureInputTensorByIndex",
        unsafe functions.GetSignatureInputTensorByIndex(signature, index, &tensor))
      inputs.append(try unsafe description(of: tensor))
    }
    var outputs: [TensorDescription] = []
    var tensors: [LiteRtTensor?] = unsafe []
    var firstOfTensor: [Int] = []
    for index in 0..<outputCount {
      var tensor: LiteRtTensor?
      try library.check(
        "LiteRtGetSignatureOutputTensorByIndex",
        unsafe functions.GetSignatureOutputTensorByIndex(signature, index, &tensor))
      outputs.append(try unsafe description(of: tensor))
      unsafe tensors.append(tensor)
      firstOfTensor.append(unsafe tensors.firstIndex { unsafe $0 == tensor } ?? index)
    }
    return (inputs, outputs, firstOfTensor)
  }

  private func description(of tensor: LiteRtTensor?) throws(LiteRtError) -> TensorDescription {
    let library = environment.library
    let functions = library.functions
    var nameStart: UnsafePointer<CChar>?
    try library.check("LiteRtGetTensorName", unsafe functions.GetTensorName(tensor, &nameStart))
    let name = unsafe nameStart.map { unsafe String(cString: $0) } ?? ""

    let ranked: Int32 = 0
    var typeID: Int32 = ranked
    try library.check("LiteRtGetTensorTypeId", unsafe functions.GetTensorTypeId(tensor, &typeID))
    guard typeID == ranked else {
      throw .unsupportedTensor(name: name, reason: "its rank is not fixed")
    }
    var type = LiteRtRankedTensorType()
    try library.check(
      "LiteRtGetRankedTensorType", unsafe functions.GetRankedTensorType(tensor, &type))
    guard let elementType = ElementType(liteRt: type.element_type) else {
      throw .unsupportedTensor(
        name: name, reason: "its element type is number \(type.element_type)")
    }

    let perTensor: Int32 = 1
    var quantizationID: Int32 = 0
    try library.check(
      "LiteRtGetQuantizationTypeId",
      unsafe functions.GetQuantizationTypeId(tensor, &quantizationID))
    var quantization: Quantization?
    if quantizationID == perTensor {
      var parameters = LiteRtQuantizationPerTensor()
      try library.check(
        "LiteRtGetPerTensorQuantization",
        unsafe functions.GetPerTensorQuantization(tensor, &parameters))
      quantization = Quantization(scale: parameters.scale, zeroPoint: parameters.zero_point)
    }
    return TensorDescription(
      name: name, elementType: elementType, shape: type.layout.extents, quantization: quantization)
  }
}
