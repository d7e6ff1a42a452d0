import CImageEmbedder
import EmbedderPlatform
import ImageEmbedding

/// Why a call from C could not do its work, where the core has no error for it.
struct CallError: Error {
  let code: StatusCode
  let message: String

  init(code: StatusCode = .invalidArgument, _ message: String) {
    self.code = code
    self.message = message
  }

  /// A pointer is missing.
  static func null(_ name: String) -> CallError {
    CallError("\(name) is NULL; a pointer is needed")
  }

  /// A value cannot be.
  static func invalid(_ name: String, _ found: some Any, needed: String) -> CallError {
    CallError("\(name) is \(found); \(needed) is needed")
  }

  /// What C is told of an error of any room.
  init(_ error: any Error) {
    let embedderError: EmbedderError? =
      switch error {
      case let error as EmbedderError: error
      case let error as DecodingError: .image(path: nil, error)
      case let error as FrameBufferError: .preprocessing(.frame(error))
      case let error as SimilarityError: .similarity(error)
      case let error as OutOfMemory: .outOfMemory(error)
      default: nil
      }
    if let embedderError {
      self.init(code: embedderError.code, inWordsOfC(embedderError.description))
    } else if let error = error as? CallError {
      self = error
    } else {
      self.init("\(error)")
    }
  }
}

/// What the core's sentences, which speak of the command line and of Swift, say in C.
private let wordsOfC = [
  ("--mean and --std (Options.normalization)", "normalization_mean and normalization_std"),
  ("--pool (Options.pooling)", "pooling"),
  ("--layout (Options.mapLayout)", "map_layout"),
  ("--signature (Options.signature)", "signature"),
  ("the thread count is", "thread_count is"),
  ("the accelerator's library is", "accelerator_library is"),
  ("the precision is", "precision is"),
  (
    "run scripts/setup in the project's folder, or name the file with --litert or",
    "put it beside this library, or name its file with litert_path or"
  ),
  ("run scripts/setup to install the right one", "that version is needed"),
  ("run scripts/setup openvino in the project's folder, install", "install"),
  ("run scripts/setup openvino, or install", "install"),
  (
    "run scripts/setup gpu in the project's folder, or name the file with --accelerator-library or",
    "put it beside this library, or name its file with accelerator_library or"
  ),
  ("--accelerator-library", "accelerator_library"),
]

/// Puts C's names in the place of those of the command line and of Swift.
private func inWordsOfC(_ sentence: String) -> String {
  wordsOfC.reduce(sentence) { $0.replacing($1.0, with: $1.1) }
}

typealias ErrorPlace = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

extension ie_status {
  init(_ code: StatusCode) {
    self.init(rawValue: RawValue(code.rawValue))
  }
}

/// Calls `body` and turns what it throws into a status and a message that C frees.
func perform(_ error: ErrorPlace?, _ body: () throws -> Void) -> ie_status {
  unsafe error?.pointee = nil
  do {
    try body()
    return IE_OK
  } catch let thrown {
    let failure = CallError(thrown)
    unsafe error?.pointee = strdup(failure.message)
    return ie_status(failure.code)
  }
}

/// Calls `body` and puts the handle that it makes into `place`, or `NULL` when it throws.
func make(
  _ place: UnsafeMutablePointer<OpaquePointer?>?, _ name: String, _ error: ErrorPlace?,
  _ body: () throws -> some Handle
) -> ie_status {
  unsafe place?.pointee = nil
  return unsafe perform(error) {
    guard let place = unsafe place else { throw CallError.null(name) }
    unsafe place.pointee = try body().retainedPointer()
  }
}
