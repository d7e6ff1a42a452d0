import Foundation

/// A second, plain PNG decoder to hold the product's against: no interlacing, no checksums, no mercy
/// with malformed files (it traps).
///
/// W3C "Portable Network Graphics", RFC 1950 and RFC 1951.
package struct ReferencePNG {
  package let width: Int
  package let height: Int
  package let bitDepth: Int
  package let colorType: Int

  /// The samples as stored, row by row, each row in whole bytes.
  package let samples: [UInt8]

  /// The number of channels by the colour type; palette indices are one.
  package var channels: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType] ?? 0 }

  package init(contentsOf path: String) throws {
    self.init(Array(try Data(contentsOf: URL(filePath: path))))
  }

  package init(_ file: [UInt8]) {
    func integer(_ place: Int) -> Int { file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    (width, height) = (integer(16), integer(20))
    (bitDepth, colorType) = (Int(file[24]), Int(file[25]))
    precondition(file[28] == 0, "interlaced files are not read")
    var compressed: [UInt8] = []
    var place = 8
    while place < file.count {
      let length = integer(place)
      if file[place + 4..<place + 8].elementsEqual("IDAT".utf8) {
        compressed += file[place + 8..<place + 8 + length]
      }
      place += 12 + length
    }
    var inflater = Inflater(compressed, from: 2)
    let filtered = inflater.inflate()
    let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType] ?? 0
    samples = Self.unfilter(
      filtered, rowLength: (width * channels * bitDepth + 7) / 8, height: height,
      pixelLength: max(1, channels * bitDepth / 8))
  }

  /// The picture of an 8-bit file, its channels as they are.
  package var image: PixelImage {
    precondition(bitDepth == 8)
    return PixelImage(width: width, height: height, channels: channels, bytes: samples)
  }

  private static func unfilter(
    _ filtered: [UInt8], rowLength: Int, height: Int, pixelLength: Int
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(rowLength * height)
    for row in 0..<height {
      let source = row * (rowLength + 1)
      let filter = filtered[source]
      let above = result.count - rowLength
      for column in 0..<rowLength {
        let a = column >= pixelLength ? Int(result[result.count - pixelLength]) : 0
        let b = row > 0 ? Int(result[above + column]) : 0
        let predicted: Int
        switch filter {
        case 0: predicted = 0
        case 1: predicted = a
        case 2: predicted = b
        case 3: predicted = (a + b) / 2
        default:
          let hasBoth = row > 0 && column >= pixelLength
          let c = hasBoth ? Int(result[above + column - pixelLength]) : 0
          let (pa, pb, pc) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
          predicted = pa <= pb && pa <= pc ? a : pb <= pc ? b : c
        }
        result.append(filtered[source + 1 + column] &+ UInt8(predicted))
      }
    }
    return result
  }
}

/// Inflates one DEFLATE stream.
private struct Inflater {
  private let input: [UInt8]
  private var place: Int
  private var bits: UInt = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  init(_ input: [UInt8], from place: Int) {
    self.input = input
    self.place = place
  }

  mutating func inflate() -> [UInt8] {
    while true {
      let isLast = take(1) == 1
      switch take(2) {
      case 0: copyStored()
      case 1: expand(Self.fixedLiterals, Self.fixedDistances)
      default:
        let (literals, distances) = takeCodes()
        expand(literals, distances)
      }
      if isLast { return output }
    }
  }

  private mutating func fill(_ count: Int) {
    while bitCount < count {
      let byte = place < input.count ? input[place] : 0
      bits |= UInt(byte) << UInt(bitCount)
      place += 1
      bitCount += 8
    }
  }

  private mutating func take(_ count: Int) -> Int {
    fill(count)
    let value = Int(bits & ((1 << UInt(count)) - 1))
    bits >>= UInt(count)
    bitCount -= count
    return value
  }

  private mutating func take(_ code: HuffmanCode) -> Int {
    fill(HuffmanCode.longest)
    let entry = code.table[Int(bits & 0x7fff)]
    let length = entry & 15
    bits >>= UInt(length)
    bitCount -= length
    return entry >> 4
  }

  private mutating func copyStored() {
    _ = take(bitCount % 8)
    let count = take(16)
    _ = take(16)
    for _ in 0..<count { output.append(UInt8(take(8))) }
  }

  private mutating func takeCodes() -> (HuffmanCode, HuffmanCode) {
    let (literalCount, distanceCount) = (take(5) + 257, take(5) + 1)
    let count = take(4) + 4
    var lengths = Array(repeating: 0, count: 19)
    for place in Self.codeLengthOrder[..<count] { lengths[place] = take(3) }
    let code = HuffmanCode(lengths)
    var all: [Int] = []
    while all.count < literalCount + distanceCount {
      switch take(code) {
      case 16: all += Array(repeating: all[all.count - 1], count: take(2) + 3)
      case 17: all += Array(repeating: 0, count: take(3) + 3)
      case 18: all += Array(repeating: 0, count: take(7) + 11)
      case let length: all.append(length)
      }
    }
    return (HuffmanCode(Array(all[..<literalCount])), HuffmanCode(Array(all[literalCount...])))
  }

  private mutating func expand(_ literals: HuffmanCode, _ distances: HuffmanCode) {
    while true {
      let symbol = take(literals)
      if symbol < 256 {
        output.append(UInt8(symbol))
      } else if symbol == 256 {
        return
      } else {
        let length = Self.lengthBases[symbol - 257] + take(Self.lengthBits[symbol - 257])
        let number = take(distances)
        let extra = number < 2 ? 0 : number / 2 - 1
        let base = number < 2 ? number : (2 + number % 2) << extra
        let source = output.count - 1 - base - take(extra)
        for offset in 0..<length { output.append(output[source + offset]) }
      }
    }
  }

  private static let codeLengthOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let lengthBits =
    [0, 0, 0, 0, 0, 0, 0, 0] + (1...5).flatMap { Array(repeating: $0, count: 4) } + [0]
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let fixedLiterals = HuffmanCode(
    (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = HuffmanCode(Array(repeating: 5, count: 30))
}

/// A Huffman code as a table: the next 15 bits to `symbol << 4 | length`.
private struct HuffmanCode {
  static let longest = 15
  private(set) var table = Array(repeating: 0, count: 1 << longest)

  init(_ lengths: [Int]) {
    var code = 0
    for length in 1...Self.longest {
      for symbol in lengths.indices where lengths[symbol] == length {
        // The first bit of a code comes first, which is the lowest of the index.
        var reversed = 0
        for bit in 0..<length where code >> bit & 1 == 1 { reversed |= 1 << (length - 1 - bit) }
        for index in stride(from: reversed, to: 1 << Self.longest, by: 1 << length) {
          table[index] = symbol << 4 | length
        }
        code += 1
      }
      code <<= 1
    }
  }
}
