import CBaseline
import Foundation
import ImageEmbedding
import Photographs

/// One built-in model run by the runtime alone, with the plain preprocessing beside it.
@safe
final class Baseline {
  private var model = unsafe BareModel()
  private let encoding: BaselineEncoding
  private let side: Int32
  private let output: TensorDescription

  /// Compiles the model file that the built-in model was made of.
  init(_ model: BuiltInModel, info: ModelInfo) throws {
    let input = info.file.inputs[0]
    output = info.file.outputs[0]
    side = Int32(input.shape[1])
    encoding = BaselineEncoding(
      mean: info.normalization?.mean[0] ?? 0, std: info.normalization?.std[0] ?? 1,
      is_int8: input.elementType == .int8 ? 1 : 0, scale: input.quantization?.scale ?? 1,
      zero_point: Int32(input.quantization?.zeroPoint ?? 0))
    let libraryPath =
      ProcessInfo.processInfo.environment["IMAGE_EMBEDDER_LITERT"]
      ?? "\(Photographs.cacheFolder)/litert-2.3.0/libLiteRt.so"
    let modelPath = URL(filePath: #filePath).appending(
      path: "../../../../Models/\(model.rawValue).tflite"
    ).standardized.path(percentEncoded: false)
    if let failed = unsafe baseline_open(&self.model, libraryPath, modelPath, 1) {
      throw BaselineError(function: unsafe String(cString: failed))
    }
  }

  deinit {
    unsafe baseline_close(&model)
  }

  /// Writes the model's input, by the plain steps.
  func preprocess(_ picture: Picture) throws {
    let status = unsafe baseline_preprocess(
      picture.bytes, Int32(picture.width), Int32(picture.height), side, encoding, model.input)
    guard status == 0 else { throw BaselineError(function: "baseline_preprocess") }
  }

  /// Runs the model on the input as it is.
  func run() throws {
    guard unsafe baseline_run(&model) == 0 else {
      throw BaselineError(function: "LiteRtRunCompiledModel")
    }
  }

  /// The output of the last run as real numbers.
  var featureVector: [Float] {
    let bytes = unsafe UnsafeRawBufferPointer(start: model.output, count: model.output_byte_count)
    guard output.elementType == .int8 else { return unsafe Array(bytes.bindMemory(to: Float.self)) }
    let scale = output.quantization?.scale ?? 0
    let zeroPoint = output.quantization?.zeroPoint ?? 0
    return unsafe bytes.map { scale * Float(Int64(Int8(bitPattern: $0)) - zeroPoint) }
  }
}

/// A call that failed on the bare side.
struct BaselineError: Error, CustomStringConvertible {
  let function: String
  var description: String { "the baseline could not be measured: \(function) failed" }
}
