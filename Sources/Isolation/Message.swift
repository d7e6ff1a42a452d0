import EmbedderStorage

/// What host and worker say to each other, as bytes.
///
/// A message is its kind (one byte), the number of its bytes (eight, little-endian) and the bytes. Both
/// sides read what the other wrote with checks: a worker that a hostile model has taken over must not
/// be able to harm the host.
struct Message {
  enum Kind: UInt8 {
    /// To the worker: options and a model's bytes.
    case load = 1
    /// To the worker: the input's shape and elements.
    case run
    /// From the worker: what the outputs are.
    case loaded
    /// From the worker: the outputs' shapes and elements.
    case result
    /// From the worker: the kind of failure and a sentence.
    case failure
  }

  let kind: Kind
  private(set) var bytes: [UInt8] = []
  /// Bytes that follow, kept by their owner: a model is not copied for each worker that it is sent to.
  private(set) var attachment: SharedBytes?
  private var position = 0

  /// The bytes before the content: kind and length.
  static let headerByteCount = 9
  /// The most bytes of one message.
  static let byteLimit = 1 << 32

  init(_ kind: Kind) {
    self.kind = kind
  }

  init(_ kind: Kind, bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  var header: [UInt8] {
    let byteCount = bytes.count + (attachment?.bytes.byteCount ?? 0)
    return [kind.rawValue] + (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (8 * $0)) }
  }

  /// The kind and length of a message that begins with `header`.
  static func parse(header: [UInt8]) throws(IsolationError) -> (kind: Kind, byteCount: Int) {
    guard header.count == headerByteCount, let kind = Kind(rawValue: header[0]) else {
      throw .protocolViolation(details: "message kind \(header.first ?? 0)")
    }
    let count = header.dropFirst().reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count <= UInt64(byteLimit) else {
      throw .protocolViolation(details: "message of \(count) bytes")
    }
    return (kind, Int(count))
  }

  // MARK: Writing

  mutating func write(_ value: Int) {
    for shift in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * shift)))
    }
  }

  mutating func write(_ values: [Int]) {
    write(values.count)
    for value in values { write(value) }
  }

  mutating func write(_ text: String) {
    write(text.utf8.count)
    bytes += text.utf8
  }

  mutating func write(_ path: PathBytes) {
    write(path.bytes.count)
    bytes += path.bytes
  }

  mutating func write(_ span: RawSpan) {
    write(span.byteCount)
    unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Writes bytes that are read when the message is sent; nothing can be written after them.
  mutating func attach(_ shared: SharedBytes) {
    write(shared.bytes.byteCount)
    attachment = shared
  }

  // MARK: Reading

  mutating func readInteger() throws(IsolationError) -> Int {
    let piece = try take(8)
    return Int(truncatingIfNeeded: piece.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  mutating func readIntegers(limit: Int) throws(IsolationError) -> [Int] {
    let count = try readInteger()
    guard (0...limit).contains(count) else {
      throw .protocolViolation(details: "a list of \(count) numbers")
    }
    var values: [Int] = []
    for _ in 0..<count { values.append(try readInteger()) }
    return values
  }

  mutating func readString() throws(IsolationError) -> String {
    String(decoding: try take(try readInteger()), as: UTF8.self)
  }

  mutating func readPath() throws(IsolationError) -> PathBytes {
    PathBytes(try readBytes())
  }

  mutating func readBytes() throws(IsolationError) -> ArraySlice<UInt8> {
    try take(try readInteger())
  }

  private mutating func take(_ count: Int) throws(IsolationError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else {
      throw .protocolViolation(details: "a message that ends early")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
