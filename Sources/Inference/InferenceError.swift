/// What an engine could not do.
///
/// Engines have errors of their own inside; this is what all of them have in common, with the engine's
/// sentence.
public struct InferenceError: Error, Hashable, Sendable {
  /// The kinds of failure, as far as they call for different reactions.
  @nonexhaustive
  public enum Kind: Hashable, Sendable {
    /// The engine's library was not found.
    case engineNotFound
    /// The engine is there and cannot be used, such as a library of another version.
    case engineUnusable
    /// The engine does not take the model.
    case modelRefused
    /// A run failed.
    case failed
    /// There was no memory.
    case outOfMemory
    /// The process that the model runs in took longer than it was given.
    case timedOut
    /// The process that the model runs in ended, or said what it should not.
    case ended
    /// The process that the model runs in was killed by somebody else.
    case killed
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// The engine's name, such as the runtime's.
  public let engine: String
  /// A sentence with what was found and what to do.
  public let description: String

  /// Makes an error of an engine's sentence.
  package init(_ kind: Kind, engine: String, _ description: String) {
    self.kind = kind
    self.engine = engine
    self.description = description
  }
}

extension InferenceError: CustomStringConvertible {}
