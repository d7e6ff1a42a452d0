import CTurboJPEG

/// What libjpeg-turbo complained of.
struct JPEGDefect {
  enum Kind {
    /// The picture is whole all the same.
    case harmless
    /// The data ends too early.
    case truncated
    /// The data is sound but of a kind that is not decoded.
    case unsupported
    /// The data contradicts the format.
    case damaged
  }

  let kind: Kind
  let message: String

  /// Whether the library gave up there.
  let isFatal: Bool

  /// The last complaint of a library handle.
  init(lastOf handle: tjhandle) {
    message = unsafe String(cString: tjGetErrorStr2(handle))
    isFatal = unsafe tjGetErrorCode(handle) == CInt(TJERR_FATAL.rawValue)
    kind = Self.kind(of: message)
  }

  var error: DecodingError {
    switch kind {
    case .truncated: .truncated(.jpeg, details: message)
    case .unsupported: .unsupported(.jpeg, details: message)
    case .harmless, .damaged: .damaged(.jpeg, details: message)
    }
  }

  var warning: String {
    kind == .truncated
      ? "the JPEG image is cut short (\(message)); what is missing was made up" : message
  }

  /// What a message means; libjpeg's numbers for them do not reach its simpler interface.
  private static func kind(of message: String) -> Kind {
    if message.contains("Premature end") || message.contains("premature end") { return .truncated }
    if message.contains("extraneous bytes before marker") {
      // Stray bytes between segments leave every pixel as it was meant. Before a restart marker (d0
      // to d7) they are pixels that could not be decoded.
      let isInsidePicture = (0xd0...0xd7).contains { message.hasSuffix(String($0, radix: 16)) }
      return isInsidePicture ? .damaged : .harmless
    }
    let kinds = ["Unsupported", "not supported", "not implemented", "Sorry", "omitted at compile"]
    return kinds.contains { message.contains($0) } ? .unsupported : .damaged
  }
}
