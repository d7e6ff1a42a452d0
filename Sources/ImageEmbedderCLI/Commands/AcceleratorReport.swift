import ImageEmbedding

/// What `info` says about an accelerator: whether it is there, and, where it was asked to run the model, how
/// that went.
struct AcceleratorReport {
  let computation: Computation

  /// Whether it was to run the model.
  private let isTried: Bool
  /// Where its library lies, or why there is none.
  private let library: Result<String, InferenceError>
  /// What became of running the model; `nil` where nobody asked for that.
  private let outcome: Result<AcceleratorRun, EmbedderError>?
  /// By how much its vectors differ from those of the default, where that has run too.
  private let difference: VectorDifference?

  /// Looks whether an accelerator is there.
  init(of options: ImageEmbedder.Options) {
    computation = Computation(options)
    isTried = false
    library = Self.library(options)
    outcome = nil
    difference = nil
  }

  /// Has an accelerator run a model, if it is there.
  ///
  /// - Parameters:
  ///   - options: What is run, and on which accelerator.
  ///   - info: What is known of the model.
  ///   - reference: The default's run, where this is another.
  ///   - makeEmbedder: Makes an embedder of the options.
  init(
    of options: ImageEmbedder.Options, _ info: ModelInfo, comparedWith reference: AcceleratorRun?,
    makeEmbedder: (ImageEmbedder.Options) throws(EmbedderError) -> ImageEmbedder
  ) {
    computation = Computation(options)
    isTried = true
    library = Self.library(options)
    guard case .success = library else {
      outcome = nil
      difference = nil
      return
    }
    let outcome = Result { () throws(EmbedderError) in
      try AcceleratorRun(of: makeEmbedder(options), info)
    }
    self.outcome = outcome
    if computation.accelerator != .cpu, let reference, case .success(let run) = outcome {
      difference = VectorDifference(of: run.embeddings, from: reference.embeddings)
    } else {
      difference = nil
    }
  }

  /// The run, where it went well.
  var completedRun: AcceleratorRun? {
    if case .success(let run) = outcome { run } else { nil }
  }

  /// The graphics card that computed, where the runtime told of one, which a process of its own does not.
  private var adapter: String? {
    computation.accelerator == .gpu && completedRun != nil ? RuntimeLog.graphicsCard : nil
  }

  private static func library(_ options: ImageEmbedder.Options) -> Result<String, InferenceError> {
    Result { () throws(InferenceError) in try Engines.libraryPath(options) }
  }

  /// The version of the library, which is known once it was opened and taken.
  private var version: String? {
    let isKnown =
      switch outcome {
      case .success, .failure(.inference): true
      case .failure(.engine(_, let error)): error.kind == .modelRefused
      default: false
      }
    return isKnown ? Engines.versions(of: computation.accelerator).first?.version : nil
  }

  // MARK: Text

  /// One line.
  var text: String {
    switch (library, outcome) {
    case (.failure(let error), _) where error.kind == .engineNotFound && !isTried:
      return "not there; \(computation.accelerator.setup) installs it"
    case (.failure(let error), _):
      return "cannot be used: \(error)"
    case (.success(let path), nil):
      return "there: \(path)"
    case (.success, .failure(let error)):
      return "does not run this model: \(error)"
    case (.success(let path), .success(let run)):
      var parts = ["\(fixed(run.milliseconds, decimals: 2)) ms an image"]
      if let difference {
        parts.append(
          difference.largest == 0
            ? "cpu's vectors" : "\(difference.text) of the largest component from cpu's vectors")
      }
      if let adapter { parts.append(adapter) }
      return (parts + [path]).joined(separator: "; ")
    }
  }

  // MARK: JSON

  /// An object with what is known.
  var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("name", .string(computation.accelerator.rawValue))
    ]
    members += computation.precisionMembers
    switch library {
    case .success(let path):
      members += [("is_available", .bool(true)), ("library", .string(path))]
    case .failure(let error):
      members += [("is_available", .bool(false)), ("reason", .string("\(error)"))]
    }
    if let version { members.append(("version", .string(version))) }
    switch outcome {
    case .success(let run):
      members += [
        ("runs_model", .bool(true)), ("milliseconds", .number(run.milliseconds)),
      ]
      members += difference?.members ?? []
    case .failure(let error):
      members += [("runs_model", .bool(false)), ("reason", .string("\(error)"))]
    case nil: break
    }
    if let adapter { members.append(("adapter", .string(adapter))) }
    return .object(members)
  }
}
