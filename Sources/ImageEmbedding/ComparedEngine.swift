import EmbedderInference
import EmbedderModelMetadata
import EmbedderStorage

/// An accelerator's engine whose models are held against the default's, which computes the reference's
/// numbers.
///
/// An accelerator translates a model into operators of its own. Where that goes wrong nothing fails: it
/// gives another vector. So each model is run once on a test picture, and what it gives compared with what
/// the default gives, before it is used.
///
/// Sendable: several threads may make models of it at once.
final class ComparedEngine: InferenceEngine {
  static let name = "accelerator"

  /// The most by which a component may differ, as a part of the largest, by what a model rounds to.
  static func tolerance(_ rounding: Rounding) -> Float {
    rounding == .int16 ? 1e-2 : 1e-4
  }

  /// The least cosine of the two vectors where a model rounds to integers of 8 bits, or is computed in
  /// bfloat16, by which components shift by some hundredths of the largest.
  static let leastCosine = 0.99

  /// The most by which the length of such a vector may differ, as a part of it.
  static let lengthTolerance = 0.1

  private let engine: any InferenceEngine
  private let name: String
  private let precision: Precision
  private let file: ModelFile
  /// The shape of the test picture.
  private let shape: [Int]
  /// The default's outputs for it.
  private let expected: [[Float]]
  /// The first model, until it is given out.
  private let first: Locked<CheckedModel?>

  /// A model that one thread at a time uses.
  private struct CheckedModel: @unchecked Sendable {
    let model: any InferenceModel
  }

  /// Runs a model by both engines.
  ///
  /// - Parameters:
  ///   - engine: The accelerator's.
  ///   - name: What the accelerator is called.
  ///   - precision: What the accelerator computes in.
  ///   - reference: The default's, for the same model.
  ///   - file: What the model's file says.
  /// - Throws: ``InferenceError`` of either, and ``InferenceError/Kind/modelRefused`` where they differ.
  init(
    _ engine: any InferenceEngine, called name: String, in precision: Precision,
    against reference: any InferenceEngine, _ file: ModelFile
  ) throws(InferenceError) {
    let run = ReferenceRun(reference, file)
    // Nothing of it is left at work, whatever happens.
    defer { run.wait() }
    var found: (model: any InferenceModel, shape: [Int], expected: [[Float]])
    do throws(InferenceError) {
      found = try Self.compared(engine.makeModel(), with: run, name, precision, file)
    } catch {
      guard engine.forgetsKeptModel() else { throw error }
      found = try Self.compared(engine.makeModel(), with: run, name, precision, file)
    }
    self.engine = engine
    self.name = name
    self.precision = precision
    self.file = file
    (shape, expected) = (found.shape, found.expected)
    first = Locked(CheckedModel(model: found.model))
  }

  func makeModel() throws(InferenceError) -> any InferenceModel {
    let checked = first.withLock { first in
      defer { first = nil }
      return first
    }
    if let checked { return ComparedModel(checked.model, of: self) }
    return ComparedModel(try makeCheckedModel(), of: self)
  }

  /// Makes a model that gives the default's outputs for the test picture.
  func makeCheckedModel() throws(InferenceError) -> any InferenceModel {
    func attempt() throws(InferenceError) -> any InferenceModel {
      let model = try engine.makeModel()
      try check(model)
      return model
    }
    do throws(InferenceError) {
      return try attempt()
    } catch {
      guard engine.forgetsKeptModel() else { throw error }
      return try attempt()
    }
  }

  /// Throws where a model has other outputs than the default's for the test picture.
  func check(_ model: any InferenceModel) throws(InferenceError) {
    try model.runTestPicture(shape, file)
    try Self.check(model, expected, name, precision, file)
  }

  /// Throws where a model that was run on the test picture has other outputs than the default's.
  private static func check(
    _ model: any InferenceModel, _ expected: [[Float]], _ name: String, _ precision: Precision,
    _ file: ModelFile
  ) throws(InferenceError) {
    for (index, expected) in expected.enumerated() {
      let values = model.readOutput(index) { elements(of: model.outputTensors[index], in: $0) }
      guard let text = Difference(values, expected, file.rounding, precision).text else { continue }
      throw InferenceError(
        .modelRefused, engine: name,
        "\(name) gives another vector than the accelerator cpu for a test picture (\(text)), so it"
          + " cannot stand in for it; use the accelerator cpu")
    }
  }

  /// Runs both models on one picture, of the first size that both take, and compares what they give.
  private static func compared(
    _ model: any InferenceModel, with run: ReferenceRun, _ name: String, _ precision: Precision,
    _ file: ModelFile
  ) throws(InferenceError) -> (model: any InferenceModel, shape: [Int], expected: [[Float]]) {
    let reference = try run.model()
    var firstError: InferenceError?
    for shape in file.initialInputShapes {
      do throws(InferenceError) {
        try reference.run(shape)
        try model.runTestPicture(shape, file)
      } catch {
        firstError = firstError ?? error
        continue
      }
      let expected = reference.outputs
      try check(model, expected, name, precision, file)
      return (model, shape, expected)
    }
    throw firstError
      ?? InferenceError(.modelRefused, engine: name, "the model has no input to try it with")
  }
}

/// By how much an accelerator's vector differs from the default's.
struct Difference: Hashable {
  /// What was found and what is allowed, or `nil` where they are as near as they have to be.
  let text: String?

  /// Compares the elements of an output.
  ///
  /// - Parameters:
  ///   - values: The accelerator's.
  ///   - expected: The default's.
  ///   - rounding: What the model rounds to.
  ///   - precision: What the accelerator computes in.
  init(_ values: [Float], _ expected: [Float], _ rounding: Rounding, _ precision: Precision) {
    guard values.count == expected.count else {
      text = "\(values.count) components for \(expected.count)"
      return
    }
    var (largest, difference): (Float, Float) = (0, 0)
    var (product, square, otherSquare) = (0.0, 0.0, 0.0)
    for (value, other) in zip(values, expected) {
      guard value.isFinite, other.isFinite else {
        if value == other || value.isNaN && other.isNaN { continue }
        text = "\(value) for \(other)"
        return
      }
      largest = max(largest, other.magnitude)
      difference = max(difference, (value - other).magnitude)
      product += Double(value) * Double(other)
      square += Double(value) * Double(value)
      otherSquare += Double(other) * Double(other)
    }
    let isCoarse = rounding == .int8 || precision == .bfloat16
    // A cosine says nothing of lengths, and a vector of zeros has none.
    let (length, otherLength) = (square.squareRoot(), otherSquare.squareRoot())
    let isLikeDirected = product > 0 && product >= ComparedEngine.leastCosine * length * otherLength
    let isNear =
      isCoarse && isLikeDirected
      && (length - otherLength).magnitude <= ComparedEngine.lengthTolerance * otherLength
    if isNear || difference <= ComparedEngine.tolerance(rounding) * largest {
      text = nil
    } else if isCoarse, isLikeDirected {
      text = "\(length / otherLength) times as long"
    } else if isCoarse {
      text = "a cosine below \(ComparedEngine.leastCosine)"
    } else {
      text = "\(difference / largest) of the largest component off"
    }
  }
}

/// The elements of an output as real numbers; where they are quantized, up to their scale.
func elements(of output: TensorDescription, in bytes: RawSpan) -> [Float] {
  let zeroPoint = Float(output.quantization?.zeroPoint ?? 0)
  return unsafe bytes.withUnsafeBytes { bytes in
    switch output.elementType {
    case .uint8: unsafe bytes.map { Float($0) - zeroPoint }
    case .int8: unsafe bytes.map { Float(Int8(bitPattern: $0)) - zeroPoint }
    default: unsafe Array(bytes.bindMemory(to: Float.self))
    }
  }
}
