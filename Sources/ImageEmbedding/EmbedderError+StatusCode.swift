import ImageFiles
import Isolation
import LiteRtRuntime
import Preprocessing
import Storage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Android)
import Android
#else
import Darwin
#endif

extension EmbedderError {
  /// The canonical code of the error; the reference's, where it has one for the case.
  public var code: StatusCode {
    switch self {
    case .modelFile(let error): error.code
    case .modelContent, .invalidOption, .similarity: .invalidArgument
    case .modelRequirement(_, .missingNormalization): .notFound
    case .modelRequirement: .invalidArgument
    case .runtime(_, let error): error.codeAtCreation
    case .isolation(_, .timedOut): .deadlineExceeded
    case .isolation(_, .cannotStart): .failedPrecondition
    case .isolation(_, .runtime): .invalidArgument
    case .isolation: .internal
    case .inference(.outOfMemory), .outOfMemory: .resourceExhausted
    case .inference: .internal
    case .outputSizeChanged: .invalidArgument
    case .image(_, let error): error.code
    case .preprocessing(.frame): .invalidArgument
    case .preprocessing(.outOfMemory): .resourceExhausted
    case .preprocessing(.stepFailed), .preprocessing(.inputSize): .internal
    }
  }
}

extension FileError {
  var code: StatusCode {
    switch self {
    case .system(_, _, ENOENT, _), .system(_, _, ENOTDIR, _): .notFound
    case .system(_, _, EACCES, _), .system(_, _, EPERM, _): .permissionDenied
    case .system(_, _, EBADF, _): .failedPrecondition
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
    case .unsupported: .unimplemented
    case .missingLibrary: .failedPrecondition
    case .tooManyBytes, .tooManyPixels, .outOfMemory: .resourceExhausted
    }
  }
}

extension LiteRtError {
  fileprivate var codeAtCreation: StatusCode {
    switch self {
    case .libraryNotFound: .notFound
    case .incompatibleLibrary: .failedPrecondition
    case .invalidModel, .compilationFailed, .callFailed, .unsupportedTensor, .bufferSizeMismatch,
      .outputNotWritten, .uneditable:
      .invalidArgument
    case .outOfMemory: .resourceExhausted
    }
  }
}
