extension StructuralDefect {
  /// How operators, tensors, signatures and subgraphs must refer to each other.
  static let ofGraphs: [StructuralDefect] = [
    StructuralDefect("an operator code that is not there", says: "the code of operator 3") {
      $0.set(0, of: .operation(3), to: UInt32(99))
    },
    StructuralDefect("an input that is not there", says: "input 0 of operator 3 (conv2D)") {
      $0.set(1, of: .operation(3), at: 0, to: Int32(99))
    },
    StructuralDefect("an output that is not there", says: "output 0 of operator 3 (conv2D)") {
      $0.set(2, of: .operation(3), at: 0, to: Int32(-1))
    },
    StructuralDefect(
      "a filter left out", says: "input 1 of operator 3 (conv2D) refers to number -1"
    ) {
      $0.set(1, of: .operation(3), at: 1, to: Int32(-1))
    },
    StructuralDefect("an optional input of -2", says: "input 2 of operator 3 (conv2D)") {
      $0.set(1, of: .operation(3), at: 2, to: Int32(-2))
    },
    StructuralDefect("an input removed", says: "the number of inputs of operator 10 (add) is 1") {
      $0.setCount(1, of: .operation(10), to: 1)
    },
    StructuralDefect("no input", says: "the number of inputs of operator 13 (concatenation) is 0") {
      $0.setCount(1, of: .operation(13), to: 0)
    },
    StructuralDefect("no output", says: "the number of outputs of operator 3 (conv2D) is 0") {
      $0.setCount(2, of: .operation(3), to: 0)
    },
    StructuralDefect("an input from later", says: "tensor 8, which nothing has written") {
      $0.set(1, of: .operation(0), at: 0, to: Int32(8))
    },
    StructuralDefect("an output written twice", says: "tensor 5, which has a value") {
      $0.set(2, of: .operation(3), at: 0, to: Int32(5))
    },
    StructuralDefect("a constant written", says: "tensor 6, which has a value") {
      $0.set(2, of: .operation(3), at: 0, to: Int32(6))
    },
    StructuralDefect("an operator that writes its input", says: "tensor 56, which has a value") {
      $0.set(2, of: .operation(29), at: 0, to: Int32(56))
    },
    StructuralDefect("a constant as the model's input", says: "input 0 of subgraph 0 is a constant")
    {
      $0.set(1, of: .subgraph, at: 0, to: Int32(6))
    },
    StructuralDefect("an output that nothing writes", says: "tensor 59, which nothing writes") {
      $0.set(2, of: .subgraph, at: 0, to: Int32(59))
    },
    StructuralDefect("an operator with a state", says: "operator 12 is lstm; it keeps a state") {
      $0.become(.operation(12), code: 16, options: 0)
    },

    // Subgraphs that call each other.
    StructuralDefect("a subgraph that calls itself", says: "subgraph 0 is calling itself") {
      $0.become(.operation(12), code: 119, options: 93)
    },
    StructuralDefect("a subgraph that is not there", says: "the subgraph of operator 14 (if)") {
      $0.become(.operation(14), code: 118, options: 92)
    },
    StructuralDefect("a call without options", says: "options for operator 12 (while)") {
      $0.become(.operation(12), code: 119, options: 91)
    },

    // Signatures and metadata.
    StructuralDefect("a signature of no subgraph", says: "the subgraph of signature 0") {
      $0.set(4, of: .signature, to: UInt32(1))
    },
    StructuralDefect("a signature without a key", says: "no key of signature 0") {
      $0.remove(2, of: .signature)
    },
    StructuralDefect("a signature's foreign input", says: "an input of signature 0 is tensor 1") {
      $0.set(1, of: .signature.table(0, 0), to: UInt32(1))
    },
    StructuralDefect("a signature's foreign output", says: "an output of signature 0 is tensor 99")
    {
      $0.set(1, of: .signature.table(1, 0), to: UInt32(99))
    },
    StructuralDefect("a nameless input", says: "no name for an input of signature 0") {
      $0.remove(0, of: .signature.table(0, 0))
    },
    StructuralDefect("a nameless metadata entry", says: "no name of metadata entry 0") {
      $0.remove(0, of: .model.table(6, 0))
    },
    StructuralDefect("a metadata buffer that is not there", says: "the buffer of metadata entry 0")
    {
      $0.set(1, of: .model.table(6, 0), to: UInt32(99))
    },
  ]
}

extension ModelEditor {
  /// Makes an operator another one, with the options that it has read as that one's.
  fileprivate mutating func become(_ operation: Table, code: Int32, options: UInt8) {
    let number = Int(integer(at: place(of: 0, in: operation), as: UInt32.self))
    set(0, of: .code(number), to: Int8(code))
    set(3, of: .code(number), to: code)
    set(3, of: operation, to: options)
  }
}
