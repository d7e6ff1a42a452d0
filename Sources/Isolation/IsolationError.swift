import EmbedderInference
import EmbedderStorage

/// What can go wrong with a model that runs in a process of its own.
enum IsolationError: Error, Hashable, Sendable {
  /// The worker's executable could not be started.
  case cannotStart(executable: String, reason: String)
  /// The worker ended in the middle of its work; `cause` says how.
  case died(task: String, cause: String)
  /// Somebody ended the worker from outside, which says nothing about the model.
  case killed(task: String, signal: Int32)
  /// The worker took longer than it was given.
  case timedOut(task: String, seconds: Int)
  /// The worker sent what no worker of this version sends.
  case protocolViolation(details: String)
  /// The worker is well and reports that the runtime failed.
  case runtime(InferenceError.Kind, message: String)
  /// There is no memory on this side.
  case outOfMemory(OutOfMemory)
}

extension IsolationError: CustomStringConvertible {
  /// A sentence with what was found and what to do.
  var description: String {
    switch self {
    case .cannotStart(let executable, let reason):
      "the worker process cannot be started from \(quoted(executable)): \(reason); the path of the"
        + " image-embedder executable is needed"
    case .died(let task, let cause):
      "the worker process \(cause) while \(task); the model is damaged or hostile and should not be"
        + " used without isolation"
    case .killed(let task, let signal):
      "the worker process was killed from outside (signal \(signal)) while \(task), by somebody or by the"
        + " system for want of memory; try again, with fewer images at once if memory is short"
    case .timedOut(let task, let seconds):
      "the worker process was still \(task) after \(seconds) seconds and was ended; the model is too"
        + " slow, damaged or hostile"
    case .protocolViolation(let details):
      "the worker process sent something unexpected (\(details)); worker and library must be of one"
        + " version"
    case .runtime(_, let message):
      message
    case .outOfMemory(let error):
      error.description
    }
  }
}

extension InferenceError {
  /// What a failure of a worker is to users of any engine.
  init(_ error: IsolationError) {
    let kind: Kind =
      switch error {
      case .cannotStart: .engineUnusable
      case .died, .protocolViolation: .ended
      case .killed: .killed
      case .timedOut: .timedOut
      case .runtime(let kind, _): kind
      case .outOfMemory: .outOfMemory
      }
    self.init(kind, engine: IsolatedEngine.name, error.description)
  }
}

extension InferenceError.Kind {
  /// What a worker can report, by its number in messages.
  private static let reported: [Self] = [
    .failed, .modelRefused, .engineNotFound, .engineUnusable, .outOfMemory,
  ]

  /// The number of this kind in messages; that of a failure for what no worker can know of itself.
  var number: Int { Self.reported.firstIndex(of: self) ?? 0 }

  /// The kind of a number that a worker sent.
  init(number: Int) throws(IsolationError) {
    guard Self.reported.indices.contains(number) else {
      throw .protocolViolation(details: "a failure of kind \(number)")
    }
    self = Self.reported[number]
  }
}
