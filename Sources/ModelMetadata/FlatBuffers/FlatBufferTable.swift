/// One table of a FlatBuffer; fields are named by their number in the schema.
struct FlatBufferTable: ~Escapable {
  /// The most entries that a list may have: far above any image model, far below what would make
  /// reading a hostile file slow.
  static let entryLimit = 65_536

  /// The most numbers of one list, such as a shape or the scales of a tensor's channels.
  static let scalarLimit = 4096

  /// The most bytes of one string; a licence's whole text fits several times over.
  static let stringLimit = 1 << 16

  let buffer: FlatBuffer
  let position: Int
  let vtable: Int
  let vtableSize: Int
  let name: String

  @_lifetime(copy buffer)
  init(buffer: FlatBuffer, position: Int, vtable: Int, vtableSize: Int, name: String) {
    self.buffer = buffer
    self.position = position
    self.vtable = vtable
    self.vtableSize = vtableSize
    self.name = name
  }

  /// The scalar field `field`, or `nil` where the table leaves it at its default.
  func scalar<Scalar: FlatBufferScalar>(
    _ field: Int, as type: Scalar.Type
  ) throws(MetadataError) -> Scalar? {
    guard let place = try place(of: field) else { return nil }
    return try buffer.load(type, at: place, part(field))
  }

  /// The string field `field`; bytes that are no UTF-8 are replaced.
  func string(_ field: Int) throws(MetadataError) -> String? {
    guard let (start, count) = try vector(field, stride: 1, limit: Self.stringLimit) else {
      return nil
    }
    let characters = (start..<start + count).map {
      unsafe buffer.bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
    }
    return String(decoding: characters, as: UTF8.self)
  }

  /// The field `field` as an array of scalars.
  func scalars<Scalar: FlatBufferScalar>(
    _ field: Int, of type: Scalar.Type, limit: Int = scalarLimit
  ) throws(MetadataError) -> [Scalar]? {
    let stride = MemoryLayout<Scalar>.stride
    guard let (start, count) = try vector(field, stride: stride, limit: limit) else {
      return nil
    }
    var result: [Scalar] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      result.append(try buffer.load(type, at: start + index * stride, part(field)))
    }
    return result
  }

  /// The bytes of the field `field`, a vector of bytes.
  @_lifetime(copy self)
  func bytes(_ field: Int) throws(MetadataError) -> RawSpan? {
    guard let (start, count) = try vector(field, stride: 1, limit: .max) else { return nil }
    return buffer.bytes.extracting(start..<start + count)
  }

  /// The table that the field `field` refers to.
  @_lifetime(copy self)
  func table(_ field: Int, _ name: String) throws(MetadataError) -> FlatBufferTable? {
    guard let place = try place(of: field) else { return nil }
    return try buffer.table(at: target(of: place, name), name)
  }

  /// The number of tables in the vector field `field`, or `nil` where there is no vector.
  func tableCount(_ field: Int) throws(MetadataError) -> Int? {
    try vector(field, stride: 4, limit: Self.entryLimit)?.count
  }

  /// Table number `index` of the vector field `field`.
  @_lifetime(copy self)
  func table(
    _ field: Int, at index: Int, _ name: String
  ) throws(MetadataError) -> FlatBufferTable {
    let vector = try vector(field, stride: 4, limit: Self.entryLimit) ?? (start: 0, count: 0)
    guard (0..<vector.count).contains(index) else {
      throw .indexOutOfRange(part: name, index: index, count: vector.count)
    }
    return try buffer.table(at: target(of: vector.start + index * 4, name), name)
  }

  /// The position that the offset in `field` leads to, or `nil` where the table has none.
  func reference(_ field: Int) throws(MetadataError) -> Int? {
    guard let place = try place(of: field) else { return nil }
    return try copyable(target(of: place, part(field)), part(field))
  }

  /// The position of table number `index` of the vector field `field`.
  func reference(_ field: Int, at index: Int) throws(MetadataError) -> Int {
    try copyable(table(field, at: index, part(field)).position, part(field))
  }

  /// A position that offsets can lead to when bytes are put in front of the file.
  private func copyable(
    _ position: Int, _ name: @autoclosure () -> String
  ) throws(MetadataError) -> Int {
    try buffer.check(position, 4, name())
    // The most that FlatBuffers have; beyond it lie only data.
    guard position <= Int(Int32.max) else {
      throw .outOfBounds(part: name(), offset: position, byteCount: Int(Int32.max))
    }
    return position
  }

  // MARK: Places

  /// Where the field's value is, or `nil` where the table has none.
  private func place(of field: Int) throws(MetadataError) -> Int? {
    let entry = 4 + 2 * field
    guard entry + 2 <= vtableSize else { return nil }
    let offset = Int(try buffer.load(UInt16.self, at: vtable + entry, part(field)))
    return offset == 0 ? nil : position + offset
  }

  /// Where the relative offset at `place` leads.
  private func target(
    of place: Int, _ name: @autoclosure () -> String
  ) throws(MetadataError) -> Int {
    place + Int(try buffer.load(UInt32.self, at: place, name()))
  }

  /// The first element and the length of the vector field `field`, all of it inside the bytes.
  func vector(
    _ field: Int, stride: Int, limit: Int
  ) throws(MetadataError) -> (start: Int, count: Int)? {
    guard let place = try place(of: field) else { return nil }
    let start = try target(of: place, part(field))
    let count = Int(try buffer.load(UInt32.self, at: start, part(field)))
    try buffer.check(start + 4, count * stride, part(field))
    guard count <= limit else {
      throw .tooManyEntries(part: part(field), count: count, limit: limit)
    }
    return (start + 4, count)
  }

  private func part(_ field: Int) -> String { "\(name), field \(field)" }
}
