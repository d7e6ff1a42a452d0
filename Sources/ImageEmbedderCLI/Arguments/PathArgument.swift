import ArgumentParser
import CEmbedderArguments
import EmbedderPlatform
import ImageEmbedding

/// A path on the command line, which need not be UTF-8.
///
/// Swift's arguments are repaired text, and a repaired name is another file's. So bytes that are no text
/// travel through the parser as characters of a private plane, one each (as Python does it with
/// surrogates, PEP 383), and become bytes again here.
struct PathArgument: ExpressibleByArgument {
  let path: PathBytes

  init?(argument: String) {
    path = PathBytes(
      argument.unicodeScalars.flatMap { scalar in
        Self.escapes.contains(scalar.value)
          ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(String(scalar).utf8)
      })
  }

  /// A path of the program's own.
  init(_ text: String) {
    path = PathBytes(text)
  }

  var defaultValueDescription: String { path.description }

  private static let escapes: ClosedRange<UInt32> = 0x10_ff00...0x10_ffff

  /// The program's arguments without its name, with what is no text escaped.
  ///
  /// - Throws: ``Failure`` where the system does not tell them: no arguments would mean something else.
  static func programArguments() throws -> [String] {
    let count = carguments_count()
    if count > 0 {
      return (1..<count).compactMap { index in
        unsafe carguments_get(index).map { unsafe escaped(String(cString: $0), bytes: $0) }
      }
    }
    guard CommandLine.argc > 0 else {
      throw Failure("the program's arguments cannot be read; they are needed, and /proc with them")
    }
    return (1..<Int(CommandLine.argc)).compactMap { index in
      unsafe CommandLine.unsafeArgv[index].map { unsafe escaped(String(cString: $0), bytes: $0) }
    }
  }

  private static func escaped(_ repaired: String, bytes: UnsafePointer<CChar>) -> String {
    let path = unsafe PathBytes(
      UnsafeBufferPointer(start: bytes, count: strlen(bytes)).map(UInt8.init(bitPattern:)))
    // Text that holds such a character already is escaped too, or it would come out as a byte.
    if path.text != nil, !repaired.unicodeScalars.contains(where: { escapes.contains($0.value) }) {
      return repaired
    }
    var result = ""
    for piece in path.pieces {
      switch piece {
      case .text(let character)
      where !character.unicodeScalars.contains(where: { escapes.contains($0.value) }):
        result += character
      case .text(let character):
        for byte in character.utf8 { result.unicodeScalars.append(escape(byte)) }
      case .byte(let byte):
        result.unicodeScalars.append(escape(byte))
      }
    }
    return result
  }

  private static func escape(_ byte: UInt8) -> Unicode.Scalar {
    // Every number of the range is a scalar.
    Unicode.Scalar(escapes.lowerBound + UInt32(byte)) ?? "\u{fffd}"
  }
}
