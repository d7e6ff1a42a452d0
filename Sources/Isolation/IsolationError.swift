public import LiteRtRuntime

/// What can go wrong with a model that runs in a process of its own.
public enum IsolationError: Error, Hashable, Sendable {
  /// The worker's executable could not be started.
  case cannotStart(executable: String, reason: String)
  /// The worker ended in the middle of its work; `cause` says how.
  case died(task: String, cause: String)
  /// The worker took longer than it was given.
  case timedOut(task: String, seconds: Int)
  /// The worker sent what no worker of this version sends.
  case protocolViolation(details: String)
  /// The worker is well and reports that the runtime failed.
  case runtime(message: String)
  /// The runtime failed on this side.
  case local(LiteRtError)
}

extension IsolationError: CustomStringConvertible {
  /// A sentence with what was found and what to do.
  public var description: String {
    switch self {
    case .cannotStart(let executable, let reason):
      "the worker process cannot be started from '\(executable)': \(reason); the path of the"
        + " image-embedder executable is needed"
    case .died(let task, let cause):
      "the worker process \(cause) while \(task); the model is damaged or hostile and should not be"
        + " used without isolation"
    case .timedOut(let task, let seconds):
      "the worker process was still \(task) after \(seconds) seconds and was ended; the model is too"
        + " slow, damaged or hostile"
    case .protocolViolation(let details):
      "the worker process sent something unexpected (\(details)); worker and library must be of one"
        + " version"
    case .runtime(let message):
      message
    case .local(let error):
      error.description
    }
  }
}
