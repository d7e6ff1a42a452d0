/// New parts of a FlatBuffer, laid out in front of the file that they point into.
///
/// A FlatBuffer's offsets are relative and lead forward, so a table can be replaced without moving the
/// rest of the file: the new table goes in front and refers to what stays. The prefix is a multiple of
/// 64 bytes long, which keeps the alignment of everything behind it.
struct FlatBufferPrefix {
  /// A part of the prefix.
  struct Part {
    fileprivate let index: Int
  }

  /// What an offset leads to.
  enum Target {
    /// A position in the old file.
    case old(Int)
    case new(Part)
  }

  /// The value of a table's field.
  enum Field {
    /// The field's default.
    case none
    case uint8(UInt8)
    case int32(Int32)
    case uint64(UInt64)
    case reference(Target)
    /// A position in the old file, counted from its start.
    case position(UInt64)
  }

  private struct Chunk {
    var bytes: [UInt8] = []
    /// Where offsets to this part lead, from its first byte.
    var origin = 0
    var references: [(place: Int, target: Target)] = []
    var positions: [(place: Int, old: UInt64)] = []
  }

  private var chunks: [Chunk] = []

  /// The alignment of each part, more than any field of the schema asks for.
  private static let alignment = 16
  private static let prefixAlignment = 64
  /// The root's offset and the file identifier.
  private static let headerByteCount = 8

  // MARK: Parts

  /// Adds a table with the fields of the schema, in order.
  mutating func table(_ fields: [Field]) -> Part {
    var chunk = Chunk()
    let vtableByteCount = 4 + 2 * fields.count
    chunk.origin = aligned(vtableByteCount, to: 8)
    var offsets: [Int] = []
    // The first four bytes of a table lead back to its vtable.
    var size = 4
    for field in fields {
      guard let byteCount = field.byteCount else {
        offsets.append(0)
        continue
      }
      size = aligned(size, to: byteCount)
      offsets.append(size)
      size += byteCount
    }
    chunk.bytes = Array(repeating: 0, count: chunk.origin + size)
    store(UInt16(vtableByteCount), at: 0, in: &chunk.bytes)
    store(UInt16(size), at: 2, in: &chunk.bytes)
    store(Int32(chunk.origin), at: chunk.origin, in: &chunk.bytes)
    for (index, field) in fields.enumerated() where offsets[index] > 0 {
      store(UInt16(offsets[index]), at: 4 + 2 * index, in: &chunk.bytes)
      let place = chunk.origin + offsets[index]
      switch field {
      case .none: break
      case .uint8(let value): chunk.bytes[place] = value
      case .int32(let value): store(value, at: place, in: &chunk.bytes)
      case .uint64(let value): store(value, at: place, in: &chunk.bytes)
      case .reference(let target): chunk.references.append((place, target))
      case .position(let old): chunk.positions.append((place, old))
      }
    }
    return add(chunk)
  }

  /// Adds a list of tables.
  mutating func vector(of tables: [Target]) -> Part {
    var chunk = Chunk(bytes: Array(repeating: 0, count: 4 + 4 * tables.count))
    store(UInt32(tables.count), at: 0, in: &chunk.bytes)
    chunk.references = tables.enumerated().map { (4 + 4 * $0, $1) }
    return add(chunk)
  }

  /// Adds a list of numbers.
  mutating func vector(of numbers: [Int32]) -> Part {
    var chunk = Chunk(bytes: Array(repeating: 0, count: 4 + 4 * numbers.count))
    store(UInt32(numbers.count), at: 0, in: &chunk.bytes)
    for (index, number) in numbers.enumerated() {
      store(number, at: 4 + 4 * index, in: &chunk.bytes)
    }
    return add(chunk)
  }

  /// Adds a list of numbers.
  mutating func vector(of numbers: [Float]) -> Part {
    vector(of: numbers.map { Int32(bitPattern: $0.bitPattern) })
  }

  /// Adds a list of bytes, which begin at a multiple of 16.
  mutating func vector(of bytes: [UInt8]) -> Part {
    let padding = Self.alignment - 4
    var chunk = Chunk(bytes: Array(repeating: 0, count: Self.alignment) + bytes, origin: padding)
    store(UInt32(bytes.count), at: padding, in: &chunk.bytes)
    return add(chunk)
  }

  /// Adds a string.
  mutating func string(_ text: String) -> Part {
    let characters = Array(text.utf8)
    var chunk = Chunk(bytes: [0, 0, 0, 0] + characters + [0])
    store(UInt32(characters.count), at: 0, in: &chunk.bytes)
    return add(chunk)
  }

  private mutating func add(_ chunk: Chunk) -> Part {
    chunks.append(chunk)
    return Part(index: chunks.count - 1)
  }

  // MARK: The whole

  /// The bytes that go in front of the old file.
  ///
  /// - Parameters:
  ///   - root: The new root table.
  ///   - identifier: The four characters of the file's identifier.
  /// - Returns: A multiple of 64 bytes.
  func bytes(root: Part, identifier: String) -> [UInt8] {
    // Who refers to a part was made after it, and offsets lead forward: the last part comes first.
    var starts = Array(repeating: 0, count: chunks.count)
    var end = Self.headerByteCount
    for index in chunks.indices.reversed() {
      starts[index] = aligned(end, to: Self.alignment)
      end = starts[index] + chunks[index].bytes.count
    }
    let byteCount = aligned(end, to: Self.prefixAlignment)
    var result = Array(repeating: UInt8(0), count: byteCount)

    func position(of target: Target) -> Int {
      switch target {
      case .old(let position): byteCount + position
      case .new(let part): starts[part.index] + chunks[part.index].origin
      }
    }
    store(UInt32(position(of: .new(root))), at: 0, in: &result)
    result.replaceSubrange(4..<Self.headerByteCount, with: identifier.utf8.prefix(4))
    for (chunk, start) in zip(chunks, starts) {
      result.replaceSubrange(start..<start + chunk.bytes.count, with: chunk.bytes)
      for (place, target) in chunk.references {
        store(UInt32(position(of: target) - start - place), at: start + place, in: &result)
      }
      for (place, old) in chunk.positions {
        store(UInt64(byteCount) + old, at: start + place, in: &result)
      }
    }
    return result
  }
}

extension FlatBufferPrefix.Field {
  fileprivate var byteCount: Int? {
    switch self {
    case .none: nil
    case .uint8: 1
    case .int32, .reference: 4
    case .uint64, .position: 8
    }
  }
}

private func aligned(_ position: Int, to alignment: Int) -> Int {
  (position + alignment - 1) / alignment * alignment
}

private func store<Scalar: FixedWidthInteger>(
  _ value: Scalar, at place: Int, in bytes: inout [UInt8]
) {
  for index in 0..<MemoryLayout<Scalar>.size {
    bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
  }
}
