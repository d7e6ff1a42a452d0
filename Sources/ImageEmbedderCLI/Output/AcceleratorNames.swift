import ImageEmbedding

/// What outputs call an accelerator.
extension Accelerator {
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
}
