import ImageEmbedding

/// What computes, and in which numbers.
struct Computation: Hashable {
  let accelerator: Accelerator
  let precision: Precision

  init(_ accelerator: Accelerator, in precision: Precision = .float32) {
    self.accelerator = accelerator
    self.precision = precision
  }

  /// What an embedder of these options computes with.
  init(_ options: ImageEmbedder.Options) {
    self.init(options.accelerator, in: options.precision)
  }

  /// All accelerators, each in the default precision, cpu first, and beside them what is chosen.
  static func all(with chosen: Computation) -> [Computation] {
    Accelerator.allCases.flatMap { accelerator in
      let plain = Computation(accelerator)
      return accelerator == chosen.accelerator && chosen != plain ? [plain, chosen] : [plain]
    }
  }

  /// What tables for people call it.
  var name: String {
    precision == .float32 ? accelerator.rawValue : "\(accelerator.rawValue) \(precision.rawValue)"
  }

  /// Where it computes, as summaries for people say it behind a model's name.
  var place: String {
    let place =
      switch accelerator {
      case .cpu: "on the CPU"
      case .openVINO: "on the CPU by OpenVINO"
      case .gpu: "on the GPU\(RuntimeLog.graphicsCard.map { " \($0)" } ?? "") by WebGPU"
      }
    return precision == .float32 ? place : "\(place) in \(precision.rawValue)"
  }

  /// Its members of a JSON object, which objects of the default do not have.
  var members: [(String, JSONValue)] {
    guard accelerator != .cpu else { return [] }
    let card = accelerator == .gpu ? RuntimeLog.graphicsCard : nil
    return [("accelerator", .string(accelerator.rawValue))] + precisionMembers
      + (card.map { [("adapter", .string($0))] } ?? [])
  }

  /// The precision's member of a JSON object, which objects of the default do not have.
  var precisionMembers: [(String, JSONValue)] {
    precision == .float32 ? [] : [("precision", .string(precision.rawValue))]
  }
}
