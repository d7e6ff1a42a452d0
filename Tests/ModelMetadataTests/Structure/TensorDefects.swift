extension StructuralDefect {
  /// What tensors, buffers and quantization must be.
  static let ofTensors: [StructuralDefect] = [
    StructuralDefect(
      "a type that nobody knows", says: "tensor 5, element type, refers to number 99"
    ) {
      $0.set(1, of: .tensor(5), to: Int8(99))
    },
    StructuralDefect("nine axes", says: "the shape of tensor 5 claims 9 entries") {
      $0.setCount(0, of: .tensor(5), to: 9)
    },
    StructuralDefect("an extent of -1", says: "the shape of tensor 5 is [1, -1, 8, 4]") {
      $0.set(0, of: .tensor(5), at: 1, to: Int32(-1))
    },
    StructuralDefect("more elements than 32 bits count", says: "the shape of tensor 5 is [1, 2147")
    {
      $0.set(0, of: .tensor(5), at: 1, to: Int32.max)
    },
    StructuralDefect("a giant beside an extent of 0", says: "the shape of tensor 5 is [0, 2147") {
      $0.set(0, of: .tensor(5), at: 0, to: Int32(0))
      $0.set(0, of: .tensor(5), at: 1, to: Int32.max)
    },
    StructuralDefect("more bytes than 32 bits count", says: "the size of tensor 5 is 7680000000") {
      $0.set(0, of: .tensor(5), at: 3, to: Int32(40_000_000))
    },
    StructuralDefect(
      "a buffer that is not there", says: "the buffer of tensor 6 refers to number 99"
    ) {
      $0.set(2, of: .tensor(6), to: UInt32(99))
    },
    StructuralDefect("fewer bytes than elements", says: "the data of tensor 6 is 575 bytes long") {
      $0.setCount(0, of: .buffer(3), to: 575)
    },
    StructuralDefect(
      "packed elements of whole bytes", says: "the data of tensor 2 is 12 bytes long"
    ) {
      $0.set(1, of: .tensor(2), to: Int8(17))
    },
    StructuralDefect("a constant that varies", says: "tensor 6 is a variable") {
      $0.set(5, of: .tensor(6), to: UInt8(1))
    },
    StructuralDefect("numbers as strings", says: "the data of tensor 6 is no list of 144 strings") {
      $0.set(1, of: .tensor(6), to: Int8(5))
    },
    StructuralDefect("a string that ends outside", says: "the data of tensor 48 is no list of 1") {
      $0.makeString(ofTensor: 48, ends: [12, 15])
    },
    StructuralDefect("a string that begins outside", says: "the data of tensor 48 is no list of 1")
    {
      $0.makeString(ofTensor: 48, ends: [8, 12])
    },
    StructuralDefect("data of a resource", says: "the data of tensor 6 is there") {
      $0.set(1, of: .tensor(6), to: Int8(13))
    },
    StructuralDefect("a buffer behind the file", says: "buffer 3 at offset 1000000000 lies outside")
    {
      $0.set(1, of: .buffer(3), to: UInt64(1_000_000_000))
    },
    StructuralDefect("a buffer of more than the file", says: "buffer 3 at offset 100 lies outside")
    {
      $0.set(1, of: .buffer(3), to: UInt64(100))
      $0.set(2, of: .buffer(3), to: UInt64.max - 50)
    },
    StructuralDefect("a buffer in two places", says: "buffer 3 is in two places") {
      $0.set(1, of: .buffer(3), to: UInt64(100))
      $0.set(2, of: .buffer(3), to: UInt64(4))
    },

    // Quantization.
    StructuralDefect("a scale without a zero point", says: "of 4 scales and 3 zero points") {
      $0.setCount(3, of: .quantization(2), to: 3)
    },
    StructuralDefect("no zero point at all", says: "of 1 scales and 0 zero points") {
      $0.setCount(3, of: .quantization(1), to: 0)
    },
    StructuralDefect(
      "a scale for three of four", says: "the quantization of tensor 2 is of 3 scales"
    ) {
      $0.setCount(2, of: .quantization(2), to: 3)
      $0.setCount(3, of: .quantization(2), to: 3)
    },
    StructuralDefect("an axis beyond the last", says: "the quantized dimension of tensor 2") {
      $0.set(6, of: .quantization(2), to: Int32(4))
    },
    StructuralDefect("an axis before the first", says: "the quantized dimension of tensor 2") {
      $0.set(6, of: .quantization(2), to: Int32(-1))
    },
    StructuralDefect("a zero point without a scale", says: "of 0 scales and 1 zero points") {
      $0.setCount(2, of: .quantization(1), to: 0)
    },
    StructuralDefect("a scale of 0", says: "a scale of tensor 1 is 0.0") {
      $0.set(2, of: .quantization(1), at: 0, to: UInt32(0))
    },
    StructuralDefect("a scale of next to nothing", says: "a scale of tensor 1 is 1e-45") {
      $0.set(2, of: .quantization(1), at: 0, to: UInt32(1))
    },
    StructuralDefect("a negative scale", says: "a scale of tensor 1 is -1.0") {
      $0.set(2, of: .quantization(1), at: 0, to: Float(-1).bitPattern)
    },
    StructuralDefect("a scale that is no number", says: "a scale of tensor 2 is nan") {
      $0.set(2, of: .quantization(2), at: 3, to: Float.nan.bitPattern)
    },
    StructuralDefect("an infinite scale", says: "a scale of tensor 1 is inf") {
      $0.set(2, of: .quantization(1), at: 0, to: Float.infinity.bitPattern)
    },
    StructuralDefect("a zero point outside the type", says: "a zero point of tensor 1 is 128") {
      $0.set(3, of: .quantization(1), at: 0, to: Int64(128))
    },

    // Sparse tensors.
    StructuralDefect("an axis twice", in: "sparse", says: "the traversal order of tensor 3") {
      $0.set(0, of: .sparsity, at: 1, to: Int32(0))
    },
    StructuralDefect("blocks first", in: "sparse", says: "the traversal order of tensor 3") {
      $0.set(0, of: .sparsity, at: 0, to: Int32(2))
      $0.set(0, of: .sparsity, at: 2, to: Int32(0))
    },
    StructuralDefect("a block of no axis", in: "sparse", says: "the block map of tensor 3") {
      $0.set(1, of: .sparsity, at: 0, to: Int32(2))
    },
    StructuralDefect("a level too few", in: "sparse", says: "the number of levels of tensor 3") {
      $0.setCount(2, of: .sparsity, to: 2)
    },
    StructuralDefect("a block of no rows", in: "sparse", says: "block 0 of tensor 3") {
      $0.set(1, of: .level(2), to: Int32(0))
    },
    StructuralDefect("a level of another size", in: "sparse", says: "the size of level 0") {
      $0.set(1, of: .level(0), to: Int32(3))
    },
    StructuralDefect("a segment too few", in: "sparse", says: "level 1 of tensor 3 is not a list") {
      $0.setCount(0, of: .level(1).table(3), to: 2)
    },
    StructuralDefect("falling segments", in: "sparse", says: "level 1 of tensor 3 is not a list") {
      $0.set(0, of: .level(1).table(3), at: 1, to: UInt8(3))
    },
    StructuralDefect("an index outside", in: "sparse", says: "level 1 of tensor 3 is not a list") {
      $0.set(0, of: .level(1).table(5), at: 1, to: UInt8(3))
    },
    StructuralDefect("indices of no kind", in: "sparse", says: "the type of indices") {
      $0.set(4, of: .level(1), to: UInt8(4))
    },
    StructuralDefect(
      "an output of fewer elements", in: "sparse", says: "the output of operator 1 (densify)"
    ) {
      $0.set(0, of: .tensor(4), at: 0, to: Int32(1))
    },
    StructuralDefect("more data than places", in: "sparse", says: "the data of tensor 3 is 8 bytes")
    {
      $0.setCount(0, of: .buffer(2), to: 8)
    },
  ]
}

extension ModelEditor.Table {
  fileprivate static let sparsity = tensor(3).table(6)

  fileprivate static func level(_ index: Int) -> Self { sparsity.table(2, index) }
}

extension ModelEditor {
  /// Makes a constant a string by data behind the file: one of two characters, between these offsets.
  fileprivate mutating func makeString(ofTensor index: Int, ends: [Int32]) {
    let number = integer(at: place(of: 2, in: .tensor(index)), as: UInt32.self)
    let numbers = [1] + ends
    let start = append(numbers.flatMap { [UInt8(truncatingIfNeeded: $0), 0, 0, 0] } + [65, 66])
    set(1, of: .tensor(index), to: Int8(5))
    setCount(0, of: .buffer(Int(number)), to: 0)
    set(1, of: .buffer(Int(number)), to: UInt64(start))
    set(2, of: .buffer(Int(number)), to: UInt64(14))
  }
}
