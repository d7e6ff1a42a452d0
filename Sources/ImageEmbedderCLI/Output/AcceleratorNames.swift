import ImageEmbedding

/// What outputs call an accelerator.
extension Accelerator {
  /// Where it computes, as summaries for people say it behind a model's name.
  var place: String {
    switch self {
    case .cpu: "on the CPU"
    case .openVINO: "on the CPU by OpenVINO"
    case .gpu: "on the GPU\(RuntimeLog.graphicsCard.map { " \($0)" } ?? "") by WebGPU"
    }
  }

  /// The kind of processor that it computes on, as records name it.
  var device: String {
    switch self {
    case .cpu, .openVINO: "cpu"
    case .gpu: "gpu"
    }
  }

  /// What has the operators of models.
  var runtime: String {
    switch self {
    case .cpu: "the LiteRT runtime"
    case .openVINO: "OpenVINO"
    case .gpu: "LiteRT's WebGPU accelerator"
    }
  }

  /// What installs its library.
  var setup: String {
    switch self {
    case .cpu: "scripts/setup"
    case .openVINO: "scripts/setup openvino"
    case .gpu: "scripts/setup gpu"
    }
  }

  /// Its members of a JSON object, which objects of the default do not have.
  var members: [(String, JSONValue)] {
    guard self != .cpu else { return [] }
    let card = self == .gpu ? RuntimeLog.graphicsCard : nil
    return [("accelerator", .string(rawValue))] + (card.map { [("adapter", .string($0))] } ?? [])
  }
}
