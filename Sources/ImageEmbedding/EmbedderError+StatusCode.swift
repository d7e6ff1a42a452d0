import EmbedderImageFiles
import EmbedderInference
import EmbedderPlatform
import EmbedderPreprocessing
package import EmbedderStorage

extension EmbedderError {
  /// The canonical code of the error; the reference's, where it has one for the case.
  public var code: StatusCode {
    switch self {
    case .modelFile(let error), .output(let error): error.code
    case .annotation(_, .notReadBack): .internal
    case .annotation: .invalidArgument
    case .bundle(_, .noSuchMember): .notFound
    case .bundle(_, .encrypted), .bundle(_, .unsupportedMethod), .bundle(_, .unsupportedSize):
      .unimplemented
    case .bundle(_, .tooLarge), .bundle(_, .bomb), .bundle(_, .outOfMemory): .resourceExhausted
    case .bundle: .invalidArgument
    case .modelContent, .invalidOption, .similarity: .invalidArgument
    case .modelRequirement(_, .missingNormalization): .notFound
    case .modelRequirement: .invalidArgument
    case .engine(_, let error), .inference(_, let error): error.code
    case .cancelled: .cancelled
    case .batchEnded: .failedPrecondition
    case .outOfMemory: .resourceExhausted
    case .outputSizeChanged: .invalidArgument
    case .image(_, let error): error.code
    case .preprocessing(.frame): .invalidArgument
    case .preprocessing(.outOfMemory): .resourceExhausted
    case .preprocessing(.stepFailed), .preprocessing(.inputSize), .preprocessing(.missingRows):
      .internal
    }
  }
}

extension FileError {
  /// The canonical code of the error.
  package var code: StatusCode {
    switch self {
    case .system(_, _, ENOENT, _), .system(_, _, ENOTDIR, _): .notFound
    case .system(_, _, EACCES, _), .system(_, _, EPERM, _): .permissionDenied
    case .system(_, _, EBADF, _): .failedPrecondition
    case .system(_, _, ENOSPC, _), .system(_, _, EDQUOT, _), .system(_, _, EFBIG, _):
      .resourceExhausted
    case .system: .unknown
    case .notAFile, .empty, .invalidPath: .invalidArgument
    case .noWriter: .deadlineExceeded
    case .tooLarge, .outOfMemory: .resourceExhausted
    }
  }
}

extension DecodingError {
  fileprivate var code: StatusCode {
    switch self {
    case .file(let error): error.code
    case .unknownFormat, .truncated, .damaged, .frame, .rawFrameSize: .invalidArgument
    case .unsupported, .foreignFormat: .unimplemented
    case .missingLibrary: .failedPrecondition
    case .tooManyBytes, .tooManyPixels, .outOfMemory: .resourceExhausted
    }
  }
}

extension InferenceError {
  fileprivate var code: StatusCode {
    switch kind {
    case .engineNotFound: .notFound
    case .engineUnusable: .failedPrecondition
    case .modelRefused: .invalidArgument
    case .outOfMemory: .resourceExhausted
    case .timedOut: .deadlineExceeded
    case .failed, .ended: .internal
    case .killed: .unavailable
    }
  }
}
