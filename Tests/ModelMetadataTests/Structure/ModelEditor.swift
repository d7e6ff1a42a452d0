/// Changes single fields of a sound model, found by the schema's field numbers.
///
/// Reads without checks: only for the fixtures.
struct ModelEditor {
  private(set) var bytes: [UInt8]

  /// A table, by the steps that lead to it from the root.
  struct Table: Sendable {
    fileprivate var steps: [(field: Int, index: Int?)] = []

    static let model = Table()

    /// The table in `field`, or number `index` of the vector of tables in it.
    func table(_ field: Int, _ index: Int? = nil) -> Table {
      var copy = self
      copy.steps.append((field, index))
      return copy
    }
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  // MARK: Reading

  func integer<Value: FixedWidthInteger>(at position: Int, as type: Value.Type) -> Value {
    let size = MemoryLayout<Value>.size
    return bytes[position..<position + size].reversed().reduce(0) { $0 << 8 | Value($1) }
  }

  func position(of table: Table) -> Int {
    var position = Int(integer(at: 0, as: UInt32.self))
    for (field, index) in table.steps {
      var place = self.place(of: field, at: position)
      if let index { place = target(of: place) + 4 + 4 * index }
      position = target(of: place)
    }
    return position
  }

  /// Where the value of a field is, which must be there.
  func place(of field: Int, in table: Table) -> Int {
    place(of: field, at: position(of: table))
  }

  /// Where the vector in a field begins: with its length.
  func vector(_ field: Int, in table: Table) -> Int {
    target(of: place(of: field, in: table))
  }

  private func place(of field: Int, at table: Int) -> Int {
    let offset = Int(integer(at: vtable(of: table) + 4 + 2 * field, as: UInt16.self))
    precondition(offset != 0, "the fixture leaves field \(field) out")
    return table + offset
  }

  private func vtable(of table: Int) -> Int {
    table - Int(Int32(bitPattern: integer(at: table, as: UInt32.self)))
  }

  private func target(of place: Int) -> Int {
    place + Int(integer(at: place, as: UInt32.self))
  }

  // MARK: Changing

  mutating func set<Value: FixedWidthInteger>(_ value: Value, at position: Int) {
    for index in 0..<MemoryLayout<Value>.size {
      bytes[position + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
    }
  }

  /// Changes a scalar field.
  mutating func set<Value: FixedWidthInteger>(_ field: Int, of table: Table, to value: Value) {
    set(value, at: place(of: field, in: table))
  }

  /// Changes an element of a vector of scalars.
  mutating func set<Value: FixedWidthInteger>(
    _ field: Int, of table: Table, at index: Int, to value: Value
  ) {
    set(value, at: vector(field, in: table) + 4 + index * MemoryLayout<Value>.size)
  }

  /// Changes the length of a vector.
  mutating func setCount(_ field: Int, of table: Table, to count: Int) {
    set(UInt32(count), at: vector(field, in: table))
  }

  /// Leaves a field out of one table, which gets a vtable of its own behind the file.
  mutating func remove(_ field: Int, of table: Table) {
    let position = position(of: table)
    let old = vtable(of: position)
    let size = Int(integer(at: old, as: UInt16.self))
    let new = append(Array(bytes[old..<old + size]))
    set(UInt16(0), at: new + 4 + 2 * field)
    set(Int32(position - new), at: position)
  }

  /// Puts bytes at the end of the file; returns where they begin.
  mutating func append(_ more: [UInt8]) -> Int {
    defer { bytes += more }
    return bytes.count
  }
}

/// The tables that the fixtures have.
extension ModelEditor.Table {
  static let subgraph = model.table(2, 0)
  static let signature = model.table(7, 0)

  static func tensor(_ index: Int) -> Self { subgraph.table(0, index) }
  static func quantization(_ index: Int) -> Self { tensor(index).table(4) }
  static func operation(_ index: Int) -> Self { subgraph.table(3, index) }
  static func options(_ index: Int) -> Self { operation(index).table(4) }
  static func code(_ index: Int) -> Self { model.table(1, index) }
  static func buffer(_ index: Int) -> Self { model.table(4, index) }
}
