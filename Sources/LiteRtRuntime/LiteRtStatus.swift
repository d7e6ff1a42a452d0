/// A status code of the runtime, known or not.
package struct LiteRtStatus: RawRepresentable, Hashable, Sendable {
  /// The number that the runtime gave.
  package let rawValue: Int32

  /// Wraps a number that the runtime gave.
  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  package static let ok = LiteRtStatus(rawValue: 0)
}

extension LiteRtStatus: CustomStringConvertible {
  /// The runtime's name for the status, with its number; the library exports no such text.
  package var description: String {
    "\(Self.names[rawValue] ?? "unknown status") (LiteRT status \(rawValue))"
  }

  private static let names: [Int32: String] = [
    0: "ok", 1: "invalid argument", 2: "out of memory", 3: "runtime failure", 4: "missing input",
    5: "unsupported", 6: "not found", 7: "timeout", 8: "wrong version", 9: "unknown error",
    10: "already exists", 100: "cancelled", 500: "file input/output", 501: "invalid FlatBuffer",
    502: "dynamic loading", 503: "serialization", 504: "compilation",
    1000: "index out of bounds", 1001: "invalid type", 1002: "invalid graph",
    1003: "graph modification", 1500: "invalid tool configuration", 2000: "legalization: no match",
    2001: "invalid legalization", 3000: "transformation: no match",
    3001: "invalid transformation", 4000: "unsupported runtime version",
    4001: "unsupported compiler version", 4002: "incompatible byte-code version",
    5000: "unsupported operator shape inference", 5001: "shape inference failed",
  ]
}
