/// The start of a NumPy array file `[rows, components]`, version 1.0 (NEP 1).
package struct NPYHeader: Hashable, Sendable {
  package let type: ComponentType
  package let rowCount: Int
  package let dimension: Int
  /// Where the first row begins.
  package let byteCount: Int

  /// The length of the headers that we write, whatever the number of rows.
  package static let writtenByteCount = 128

  /// The longest start that is looked at: version 1.0 counts in 16 bits.
  package static let longestByteCount = 10 + Int(UInt16.max)

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Whether some bytes begin as array files do.
  package static func isMagic(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: magic) }

  /// The header's bytes for an array.
  package static func bytes(type: ComponentType, rowCount: Int, dimension: Int) -> [UInt8] {
    var text =
      "{'descr': '\(type.descriptor)', 'fortran_order': False,"
      + " 'shape': (\(rowCount), \(dimension)), }"
    let count = writtenByteCount - 10
    text += String(repeating: " ", count: count - 1 - text.utf8.count) + "\n"
    return magic + [1, 0, UInt8(count), 0] + Array(text.utf8)
  }

  /// Why a header cannot be taken.
  package struct Defect: Error, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// Reads a header; every promise of it is held against the file's size.
  ///
  /// - Parameters:
  ///   - start: The file's first bytes, ``longestByteCount`` or as many as there are.
  ///   - fileByteCount: The size of the file.
  /// - Throws: ``Defect`` that says what is wrong.
  package init(reading start: [UInt8], fileByteCount: Int) throws(Defect) {
    guard Self.isMagic(start), start.count >= 10 else {
      throw Defect(description: "it does not begin as NumPy's array files do")
    }
    guard start[6] == 1, start[7] == 0 else {
      throw Defect(
        description: "its header is of version \(start[6]).\(start[7]), and 1.0 is needed")
    }
    let byteCount = 10 + Int(start[8]) + Int(start[9]) << 8
    guard byteCount <= start.count else { throw Defect(description: "its header is cut short") }
    var reader = HeaderReader(text: start[10..<byteCount])
    guard let members = reader.members() else {
      throw Defect(description: "its header cannot be understood")
    }
    guard let type = ComponentType.allCases.first(where: { $0.descriptor == members.descriptor })
    else {
      throw Defect(
        description: "its components are of type '\(members.descriptor)', and"
          + " \(ComponentType.allCases.map { "'\($0.descriptor)'" }.joined(separator: ", ")) are known"
      )
    }
    guard !members.isColumnMajor else {
      throw Defect(description: "its components lie column by column, and rows are needed")
    }
    guard members.shape.count == 2 else {
      throw Defect(description: "it has \(members.shape.count) axes, and 2 are needed")
    }
    let (rowCount, dimension) = (members.shape[0], members.shape[1])
    let (components, overflows) = rowCount.multipliedReportingOverflow(by: dimension)
    let (bytes, overflowsToo) = components.multipliedReportingOverflow(by: type.byteCount)
    guard !overflows, !overflowsToo, bytes == fileByteCount - byteCount else {
      throw Defect(
        description:
          "its header promises \(rowCount) rows of \(dimension) components, and its size is"
          + " another")
    }
    self.type = type
    self.rowCount = rowCount
    self.dimension = dimension
    self.byteCount = byteCount
  }
}

/// Reads the dictionary in a header: Python's literal, of which NumPy writes a narrow form.
private struct HeaderReader {
  var text: ArraySlice<UInt8>

  struct Members {
    var descriptor = ""
    var isColumnMajor = false
    var shape: [Int] = []
  }

  /// The three members, each once, in whatever order.
  mutating func members() -> Members? {
    var members = Members()
    var names: [String] = []
    guard take("{") else { return nil }
    while !take("}") {
      guard let name = string(), !names.contains(name), take(":") else { return nil }
      switch name {
      case "descr":
        guard let value = string() else { return nil }
        members.descriptor = value
      case "fortran_order":
        if takeWord("True") {
          members.isColumnMajor = true
        } else if !takeWord("False") {
          return nil
        }
      case "shape":
        guard let value = tuple() else { return nil }
        members.shape = value
      default: return nil
      }
      names.append(name)
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpace()
    return names.count == 3 && text.isEmpty ? members : nil
  }

  private mutating func skipSpace() {
    text = text.drop { $0 == 0x20 || $0 == 0x0a }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard text.first == UInt8(ascii: character) else { return false }
    text = text.dropFirst()
    return true
  }

  private mutating func takeWord(_ word: String) -> Bool {
    skipSpace()
    guard text.starts(with: word.utf8) else { return false }
    text = text.dropFirst(word.utf8.count)
    return true
  }

  private mutating func string() -> String? {
    skipSpace()
    guard let quote = text.first, quote == 0x27 || quote == 0x22 else { return nil }
    let rest = text.dropFirst()
    guard let end = rest.firstIndex(of: quote) else { return nil }
    text = rest[(end + 1)...]
    let value = rest[..<end]
    guard value.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != 0x5c }) else { return nil }
    return String(decoding: value, as: UTF8.self)
  }

  private mutating func tuple() -> [Int]? {
    var values: [Int] = []
    guard take("(") else { return nil }
    while !take(")") {
      skipSpace()
      let digits = text.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty, let value = Int(String(decoding: digits, as: UTF8.self)) else {
        return nil
      }
      text = text.dropFirst(digits.count)
      values.append(value)
      if !take(",") { return take(")") ? values : nil }
    }
    return values
  }
}
