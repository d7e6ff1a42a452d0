/// The canonical status codes, with the numbers that every face of this library uses.
///
/// The same as `absl::StatusCode`, which the reference reports.
@nonexhaustive
public enum StatusCode: Int32, Sendable, CaseIterable {
  /// No error.
  case ok = 0
  /// The caller asked to stop.
  case cancelled = 1
  /// An error that fits nowhere else.
  case unknown = 2
  /// The caller gave something that cannot be used.
  case invalidArgument = 3
  /// Time ran out.
  case deadlineExceeded = 4
  /// Something named does not exist.
  case notFound = 5
  /// Something that was to be made is there already.
  case alreadyExists = 6
  /// The system does not allow it.
  case permissionDenied = 7
  /// Memory, disk or a limit is used up.
  case resourceExhausted = 8
  /// The state of things does not allow it.
  case failedPrecondition = 9
  /// It was given up halfway.
  case aborted = 10
  /// A position lies outside.
  case outOfRange = 11
  /// It is not supported.
  case unimplemented = 12
  /// A promise inside was broken.
  case `internal` = 13
  /// It may work later.
  case unavailable = 14
  /// Data is lost or damaged.
  case dataLoss = 15
  /// It is not known who asks.
  case unauthenticated = 16

  /// The canonical name, such as `INVALID_ARGUMENT`.
  public var name: String {
    var result = ""
    for character in "\(self)" {
      if character.isUppercase { result += "_" }
      result += character.uppercased()
    }
    return result
  }
}
