import ImageEmbedding

/// What `info` says about a model, as text and as JSON.
struct ModelReport {
  private let info: ModelInfo
  private let options: ImageEmbedder.Options
  /// What became of handing the model to the runtime; `nil` where a requirement is not met before.
  private let runtimeOutcome: Result<ImageEmbedder, EmbedderError>?

  /// All that there may be, the default first.
  private let accelerators: [AcceleratorReport]

  /// Looks at a model, and at what could run it.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - runtime: How it is run.
  ///   - isIsolated: Whether it is run in processes of its own.
  ///   - measuresAccelerators: Whether all accelerators run it, and not only the chosen one.
  /// - Throws: ``EmbedderError`` where the model cannot be read at all.
  init(
    of source: ModelSource, _ runtime: RuntimeArguments, isIsolated: Bool,
    measuresAccelerators: Bool
  ) throws(EmbedderError) {
    func configured(on computation: Computation?) -> ImageEmbedder.Options {
      var options = runtime.options(for: source, on: computation)
      if isIsolated { options.isolation = .init(workerPath: ownExecutable()) }
      return options
    }
    let options = configured(on: nil)
    self.options = options
    let info = try ModelInfo(of: options)
    self.info = info
    let firstError = info.firstError.map {
      EmbedderError.modelRequirement(model: source.description, $0)
    }
    let outcome: Result<ImageEmbedder, EmbedderError>? =
      firstError != nil
      ? nil
      : RuntimeLog.hidden(unless: runtime.verbose) {
        Result { () throws(EmbedderError) in try ImageEmbedder(options: options) }
      }
    runtimeOutcome = outcome
    let computations = Computation.all(with: Computation(options))
    guard measuresAccelerators else {
      accelerators = computations.map { AcceleratorReport(of: configured(on: $0)) }
      return
    }
    var reference: AcceleratorRun?
    accelerators = computations.map { computation in
      let report = RuntimeLog.hidden(unless: runtime.verbose) {
        AcceleratorReport(of: configured(on: computation), info, comparedWith: reference) {
          embedderOptions throws(EmbedderError) in
          if let firstError { throw firstError }
          if computation == Computation(options), let outcome { return try outcome.get() }
          return try ImageEmbedder(options: embedderOptions)
        }
      }
      reference = reference ?? report.completedRun
      return report
    }
  }

  var isUsable: Bool {
    if case .success = runtimeOutcome { true } else { false }
  }

  // MARK: Text

  var text: String {
    var lines = ["\(info.source) (\(info.byteCount) bytes)"]
    if let member = info.bundleMember {
      lines.append("  \(padded("in the bundle:", 15))\(singleLine(member))")
    }
    lines += descriptiveFields.map { "  \(padded("\($0.name):", 15))\($0.text)" }
    if let normalization = info.normalization {
      lines.append("  \(padded("normalization:", 15))\(describe(normalization))")
    }
    if options.accelerator != .cpu {
      lines.append("  \(padded("accelerator:", 15))\(options.accelerator.rawValue)")
    }
    if options.precision != .float32 {
      lines.append("  \(padded("precision:", 15))\(options.precision.rawValue)")
    }
    lines += metadataLines
    lines.append("inputs")
    lines += info.file.inputs.enumerated().map {
      describe($1, $0, name: info.file.metadata?.inputs?.dropFirst($0).first?.name) + layoutRemark
    }
    lines.append("outputs")
    lines += info.file.outputs.enumerated().map {
      describe($1, $0, name: info.file.outputName($0)) + poolingRemark($1)
    }
    if info.file.signatures.count > 1 {
      lines.append("signatures (--signature)")
      lines += info.file.signatures.map { signature in
        let (inputs, outputs) = (describe(signature.inputs), describe(signature.outputs))
        return "  \(singleLine(signature.name)): \(inputs) -> \(outputs)"
      }
    }
    lines.append("requirements")
    for (summary, outcome, details) in requirementRows {
      lines.append("  \(padded(outcome, 9))\(summary)\(details.map { ": \($0)" } ?? "")")
    }
    lines.append("accelerators")
    let width = 2 + accelerators.reduce(0) { max($0, $1.computation.name.count) }
    lines += accelerators.map { "  \(padded($0.computation.name, width))\($0.text)" }
    lines.append(isUsable ? "This model can embed images." : "This model cannot be used.")
    return lines.joined(separator: "\n") + "\n"
  }

  private var descriptiveFields: [(name: String, text: String)] {
    guard let metadata = info.file.metadata else { return [("metadata", "none")] }
    let fields = [
      ("name", metadata.name), ("description", metadata.description),
      ("version", metadata.version), ("author", metadata.author), ("license", metadata.license),
    ]
    var result = fields.compactMap { name, text in text.map { (name, singleLine($0)) } }
    if !metadata.associatedFiles.isEmpty {
      result.append(("files", metadata.associatedFiles.map(\.name).joined(separator: ", ")))
    }
    return result
  }

  private var metadataLines: [String] {
    let report = MetadataReport(of: info)
    var lines: [String] = []
    if !report.missing.isEmpty {
      lines.append("  \(padded("not stated:", 15))\(report.missing.joined(separator: ", "))")
    }
    if let command = report.command { lines += ["  \(MetadataReport.advice)", "    \(command)"] }
    if report.isOfOtherGraph { lines.append("  \(MetadataReport.adviceOnOtherGraphs)") }
    return lines
  }

  private func describe(
    _ tensor: TensorDescription, _ index: Int, name: String?
  ) -> String {
    let quantization = tensor.quantization.map {
      ", quantized: scale \($0.scale), zero point \($0.zeroPoint)"
    }
    return "  \(index) \(singleLine(name ?? tensor.name)): \(tensor.elementType)"
      + " \(shape(of: tensor))\(quantization ?? "")"
  }

  private func describe(_ tensors: [ModelSignature.NamedTensor]) -> String {
    tensors.map { "\(singleLine($0.name)) \(shape(of: $0.tensor))" }.joined(separator: ", ")
  }

  /// Which axis of a map is taken for its channels, which its shape cannot prove.
  private func poolingRemark(_ output: TensorDescription) -> String {
    guard [.mean, .max].contains(options.pooling), output.shape.count == 4,
      let layout = options.mapLayout ?? info.inputLayout
    else { return "" }
    let channels = layout == .nhwc ? "last" : "first"
    return ", a map pooled with its channels \(channels) (--layout)"
  }

  /// How the input's shape is read, where it is not as TFLite's own are.
  private var layoutRemark: String {
    info.isInputAmbiguous
      ? ", taken for channels last, though it could be channels first"
      : info.inputLayout == .nchw ? ", channels first" : ""
  }

  private func shape(of tensor: TensorDescription) -> String {
    let extents = tensor.shape.enumerated().map { axis, extent in
      tensor.isDynamic(axis: axis) ? "any" : "\(extent)"
    }
    return "[\(extents.joined(separator: ", "))]"
  }

  private func describe(_ normalization: Normalization) -> String {
    func list(_ values: [Float]) -> String {
      Set(values).count == 1 ? "\(values[0])" : values.map(\.description).joined(separator: ", ")
    }
    return "mean \(list(normalization.mean)), std \(list(normalization.std))"
  }

  // MARK: JSON

  var json: JSONValue {
    let metadata = info.file.metadata
    let members: [(String, JSONValue)] = [
      ("source", .string(info.source.description)),
      ("bundle_member", .string(info.bundleMember)),
      ("byte_count", .integer(info.byteCount)),
      ("usable", .bool(isUsable)),
      ("name", .string(metadata?.name)),
      ("description", .string(metadata?.description)),
      ("version", .string(metadata?.version)),
      ("author", .string(metadata?.author)),
      ("license", .string(metadata?.license)),
      ("associated_files", .array((metadata?.associatedFiles ?? []).map { .string($0.name) })),
      ("missing_metadata", .array(MetadataReport(of: info).missing.map { .string($0) })),
      ("annotate_command", .string(MetadataReport(of: info).command)),
      (
        "normalization",
        info.normalization.map { normalization in
          .object([
            ("mean", .array(normalization.mean.map(JSONValue.float))),
            ("std", .array(normalization.std.map(JSONValue.float))),
          ])
        } ?? .null
      ),
      ("input_layout", .string(info.inputLayout?.rawValue)),
      ("signatures", .array(info.file.signatures.map(json))),
      (
        "inputs",
        .array(
          info.file.inputs.enumerated().map {
            json($1, $0, metadata?.inputs?.dropFirst($0).first?.name)
          })
      ),
      (
        "outputs",
        .array(info.file.outputs.enumerated().map { json($1, $0, info.file.outputName($0)) })
      ),
      (
        "requirements",
        .array(
          requirementRows.map { row in
            .object([
              ("summary", .string(row.summary)), ("outcome", .string(row.outcome)),
              ("details", .string(row.details)),
            ])
          })
      ),
      ("accelerators", .array(accelerators.map(\.json))),
    ]
    return .object(members + Computation(options).members)
  }

  private func json(_ signature: ModelSignature) -> JSONValue {
    func list(_ tensors: [ModelSignature.NamedTensor]) -> JSONValue {
      .array(
        tensors.map { named in
          .object([
            ("name", .string(named.name)), ("type", .string("\(named.tensor.elementType)")),
            ("shape", shapeJSON(of: named.tensor)),
          ])
        })
    }
    return .object([
      ("name", .string(signature.name)), ("inputs", list(signature.inputs)),
      ("outputs", list(signature.outputs)),
    ])
  }

  private func shapeJSON(of tensor: TensorDescription) -> JSONValue {
    .array(
      tensor.shape.indices.map { axis in
        .integer(tensor.isDynamic(axis: axis) ? -1 : tensor.shape[axis])
      })
  }

  private func json(
    _ tensor: TensorDescription, _ index: Int, _ name: String?
  ) -> JSONValue {
    .object([
      ("index", .integer(index)), ("name", .string(name)),
      ("tensor_name", .string(tensor.name)), ("type", .string("\(tensor.elementType)")),
      ("shape", shapeJSON(of: tensor)),
      (
        "quantization",
        tensor.quantization.map { quantization in
          .object([
            ("scale", .float(quantization.scale)),
            ("zero_point", .integer(Int(quantization.zeroPoint))),
          ])
        } ?? .null
      ),
    ])
  }

  // MARK: Requirements

  private var requirementRows: [(summary: String, outcome: String, details: String?)] {
    var rows = info.requirements.map { requirement -> (String, String, String?) in
      switch requirement.outcome {
      case .met: (requirement.summary, "met", nil)
      case .unmet(let error): (requirement.summary, "NOT MET", "\(error)")
      case .unknown: (requirement.summary, "unknown", nil)
      }
    }
    let summary = "operators that \(options.accelerator.runtime) has"
    switch runtimeOutcome {
    case .success: rows.append((summary, "met", nil))
    case .failure(let error): rows.append((summary, "NOT MET", "\(error)"))
    case nil: rows.append((summary, "unknown", nil))
    }
    return rows
  }
}

/// Text from a model on one line: the first of several, control characters escaped.
private func singleLine(_ text: String) -> String {
  let lines = text.split(whereSeparator: \.isNewline)
  let first = String(quoted(String(lines.first ?? "")).dropFirst().dropLast())
  return lines.count > 1 ? first + " …" : first
}

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}
