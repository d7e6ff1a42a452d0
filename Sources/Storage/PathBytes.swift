/// A file's path as the system has it: bytes, which mostly but not surely are UTF-8.
///
/// A Swift string cannot hold every path of a Linux system; its own repair of broken text names another
/// file.
public struct PathBytes: Hashable, Sendable {
  /// The bytes, without a NUL at their end.
  public let bytes: [UInt8]

  /// Makes a path of its bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// Makes a path of text.
  public init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// The path as text, or `nil` where it is none.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The part behind the last slash.
  public var name: PathBytes {
    PathBytes(bytes[((bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...])
  }

  /// The path of something inside the folder that this path names.
  public func appending(_ name: PathBytes) -> PathBytes {
    let slash = UInt8(ascii: "/")
    return PathBytes(bytes + (bytes.last == slash ? [] : [slash]) + name.bytes)
  }

  /// Calls `body` with the bytes and a NUL behind them, as the system wants them.
  package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let terminated = bytes.map(CChar.init(bitPattern:)) + [0]
    return unsafe terminated.withUnsafeBufferPointer { buffer in
      // Never empty: the NUL is there.
      unsafe body(buffer.baseAddress.unsafelyUnwrapped)
    }
  }
}

extension PathBytes {
  /// A character of a path, or a byte that belongs to none.
  package enum Piece {
    case text(String)
    case byte(UInt8)
  }

  /// The characters and other bytes of the path.
  package var pieces: [Piece] {
    var result: [Piece] = []
    var rest = bytes[...]
    while let first = rest.first {
      // A character has one to four bytes.
      let character = (1...min(4, rest.count)).lazy.compactMap { count in
        String(validating: rest.prefix(count), as: UTF8.self)
      }.first
      result.append(character.map(Piece.text) ?? .byte(first))
      rest = rest.dropFirst(character?.utf8.count ?? 1)
    }
    return result
  }
}

extension PathBytes: CustomStringConvertible {
  /// The path for people: what is not UTF-8 is written as `\xff`, byte by byte.
  public var description: String {
    if let text { return text }
    return pieces.map { piece in
      switch piece {
      case .text(let character): return character
      case .byte(let byte):
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }.joined()
  }
}

extension PathBytes: Comparable {
  /// Orders by bytes, which does not depend on a language.
  public static func < (first: PathBytes, second: PathBytes) -> Bool {
    first.bytes.lexicographicallyPrecedes(second.bytes)
  }
}

extension PathBytes: ExpressibleByStringLiteral {
  /// Makes a path of text.
  public init(stringLiteral text: String) {
    self.init(text)
  }
}
