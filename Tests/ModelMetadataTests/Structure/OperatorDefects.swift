extension StructuralDefect {
  /// What the kernels of operators take for granted.
  static let ofOperators: [StructuralDefect] = ofWindows + ofShapes + ofParts

  private static let ofWindows: [StructuralDefect] = [
    StructuralDefect("options of another operator", says: "the kind of options of operator 3") {
      $0.set(3, of: .operation(3), to: UInt8(2))
    },
    StructuralDefect("no options", says: "no options for operator 3 (conv2D)") {
      $0.remove(4, of: .operation(3))
    },
    StructuralDefect("a stride of 0", says: "the stride of operator 3 (conv2D) is 0") {
      $0.set(1, of: .options(3), to: Int32(0))
    },
    StructuralDefect("a giant stride", says: "the stride of operator 4 (depthwiseConv2D) is 2147") {
      $0.set(2, of: .options(4), to: Int32.max)
    },
    StructuralDefect("a dilation of 0", says: "the dilation of operator 3 (conv2D) is 0") {
      $0.set(5, of: .options(3), to: Int32(0))
    },
    StructuralDefect(
      "a padding that nobody knows", says: "the padding of operator 6 (maxPool2D) is 2"
    ) {
      $0.set(0, of: .options(6), to: Int8(2))
    },
    StructuralDefect("an activation that nobody knows", says: "the activation of operator 3") {
      $0.set(3, of: .options(3), to: Int8(6))
    },
    StructuralDefect("a filter of three axes", says: "input 1 of operator 9 (transposeConv)") {
      $0.setCount(0, of: .tensor(19), to: 3)
      $0.set(0, of: .tensor(19), at: 0, to: Int32(16))
    },
    StructuralDefect("a filter of no width", says: "the filter of operator 3 (conv2D)") {
      $0.set(0, of: .tensor(6), at: 2, to: Int32(0))
      $0.setCount(0, of: .buffer(3), to: 0)
    },
    StructuralDefect("a filter for other channels", says: "the filter of operator 3 (conv2D)") {
      $0.set(0, of: .tensor(6), at: 0, to: Int32(2))
      $0.set(0, of: .tensor(6), at: 3, to: Int32(8))
    },
    StructuralDefect("a depth multiplier that lies", says: "the filter of operator 4") {
      $0.set(3, of: .options(4), to: Int32(2))
    },
    StructuralDefect("scales along another axis", says: "the quantized axis of the filter") {
      // Twelve values as [1, 1, 3, 4].
      for (index, extent) in [1, 1, 3, 4].enumerated() {
        $0.set(0, of: .tensor(2), at: index, to: Int32(extent))
      }
      $0.set(6, of: .quantization(2), to: Int32(3))
    },
    StructuralDefect("a bias of half the channels", says: "the bias of operator 3 (conv2D)") {
      $0.set(0, of: .tensor(7), at: 0, to: Int32(2))
      $0.setCount(0, of: .buffer(4), to: 8)
    },
    StructuralDefect("a bias of bytes", says: "the bias of operator 3 (conv2D) is of type int8") {
      $0.set(1, of: .tensor(7), to: Int8(9))
      $0.setCount(0, of: .buffer(4), to: 4)
    },
    StructuralDefect("a window wider than the image", says: "the window of operator 6 (maxPool2D)")
    {
      $0.set(3, of: .options(6), to: Int32(5))
    },
    StructuralDefect("a window of no height", says: "the window of operator 7 (averagePool2D) is 0")
    {
      $0.set(4, of: .options(7), to: Int32(0))
    },
    StructuralDefect("an output of another batch", says: "the output's shape of operator 9") {
      $0.set(0, of: .buffer(9), at: 0, to: Int32(2))
    },
    StructuralDefect("weights of no columns", says: "the weights of operator 28 (fullyConnected)") {
      $0.set(0, of: .tensor(54), at: 1, to: Int32(0))
      $0.setCount(0, of: .buffer(24), to: 0)
    },
    StructuralDefect("weights for other inputs", says: "the weights of operator 28") {
      $0.set(0, of: .tensor(54), at: 0, to: Int32(4))
      $0.set(0, of: .tensor(54), at: 1, to: Int32(32))
    },
    StructuralDefect("a format of weights that nobody knows", says: "the format of the weights") {
      $0.set(1, of: .options(28), to: Int8(2))
    },
  ]

  private static let ofShapes: [StructuralDefect] = [
    StructuralDefect("addends of other shapes", says: "the inputs of operator 10 (add)") {
      $0.set(0, of: .buffer(9), at: 1, to: Int32(3))
    },
    StructuralDefect("an activation of a sum", says: "the activation of operator 10 (add)") {
      $0.set(0, of: .options(10), to: Int8(-1))
    },
    StructuralDefect("a padding for other axes", says: "the padding of operator 5 (pad)") {
      $0.set(0, of: .tensor(12), at: 0, to: Int32(2))
      $0.set(0, of: .tensor(12), at: 1, to: Int32(4))
    },
    StructuralDefect("a negative padding", says: "an element of input 1 of operator 5 (pad) is -1")
    {
      $0.set(0, of: .buffer(7), at: 2, to: Int32(-1))
    },
    StructuralDefect("a padding beyond all sizes", says: "what operator 5 (pad) computes") {
      $0.set(0, of: .buffer(7), at: 2, to: Int32.max)
    },
    StructuralDefect("a size of 0", says: "an element of input 1 of operator 8 (resizeBilinear)") {
      $0.set(0, of: .buffer(8), at: 1, to: Int32(0))
    },
    StructuralDefect(
      "parameters of another type", says: "input 1 of operator 8 (resizeBilinear) is"
    ) {
      $0.set(1, of: .tensor(16), to: Int8(0))
    },
    StructuralDefect("a block of 0", says: "the block size of operator 14 (spaceToDepth) is 0") {
      $0.set(0, of: .options(14), to: Int32(0))
    },
    StructuralDefect("a block that divides no side", says: "the block size of operator 14") {
      $0.set(0, of: .options(14), to: Int32(3))
    },
    StructuralDefect("a block that divides no depth", says: "the block size of operator 15") {
      $0.set(0, of: .options(15), to: Int32(3))
    },
    StructuralDefect("an axis twice in a transposition", says: "the order of axes of operator 16") {
      $0.set(0, of: .buffer(12), at: 1, to: Int32(0))
    },
    StructuralDefect("an axis beyond the last", says: "the axis of operator 16 (transpose)") {
      $0.set(0, of: .buffer(12), at: 1, to: Int32(4))
    },
    StructuralDefect(
      "fewer axes than there are", says: "of input 1 of operator 16 (transpose) is 3"
    ) {
      $0.set(0, of: .tensor(28), at: 0, to: Int32(3))
      $0.setCount(0, of: .buffer(12), to: 12)
    },
    StructuralDefect("a wide axis to drop", says: "axis 1 of operator 24 (squeeze)") {
      $0.set(0, of: .options(24), at: 0, to: Int32(1))
    },
    StructuralDefect("an axis too far to insert", says: "the axis of operator 25 (expandDims)") {
      $0.set(0, of: .buffer(21), at: 0, to: Int32(4))
    },
    StructuralDefect("multiples beyond all sizes", says: "what operator 26 (tile) computes") {
      $0.set(0, of: .buffer(22), at: 3, to: Int32.max)
    },
    StructuralDefect(
      "a depthwise convolution that does not say which bias it has",
      says: "the number of inputs of operator 4 (depthwiseConv2D) is 2"
    ) {
      $0.setCount(1, of: .operation(4), to: 2)
    },
    StructuralDefect("a reshape to another type", says: "the output of operator 27 (reshape)") {
      $0.set(1, of: .tensor(53), to: Int8(9))
    },
    StructuralDefect("two open extents", says: "the new shape of operator 27 (reshape) is [-1, -1]")
    {
      $0.set(0, of: .buffer(23), at: 0, to: Int32(-1))
      $0.set(0, of: .buffer(23), at: 1, to: Int32(-1))
    },
    StructuralDefect("a giant shape", says: "the shape of operator 27 (reshape)") {
      $0.set(0, of: .buffer(23), at: 0, to: Int32.max)
      $0.set(0, of: .buffer(23), at: 1, to: Int32.max)
    },
  ]

  private static let ofParts: [StructuralDefect] = [
    StructuralDefect(
      "a slice before the first", says: "an element of input 1 of operator 18 (slice)"
    ) {
      $0.set(0, of: .buffer(16), at: 1, to: Int32(-1))
    },
    StructuralDefect("a slice beyond the last", says: "the part of operator 18 (slice)") {
      $0.set(0, of: .buffer(16), at: 1, to: Int32(5))
    },
    StructuralDefect("a slice of more than it says", says: "the output of operator 18 (slice)") {
      $0.set(0, of: .buffer(17), at: 1, to: Int32(3))
    },
    StructuralDefect("a slice of two types", says: "input 2 of operator 18 (slice) is of type") {
      $0.set(1, of: .tensor(35), to: Int8(4))
      $0.set(0, of: .tensor(35), at: 0, to: Int32(2))
    },
    StructuralDefect(
      "a stride of 0 in a slice", says: "a stride of operator 17 (stridedSlice) is 0"
    ) {
      $0.set(0, of: .buffer(15), at: 2, to: Int32(0))
    },
    StructuralDefect("ends of fewer axes", says: "of input 2 of operator 17 (stridedSlice) is 3") {
      $0.set(0, of: .tensor(31), at: 0, to: Int32(3))
      $0.setCount(0, of: .buffer(14), to: 12)
    },
    StructuralDefect("a negative mask", says: "a mask of operator 17 (stridedSlice)") {
      $0.set(2, of: .options(17), to: Int32(-1))
    },
    StructuralDefect("an axis to join along", says: "the axis of operator 13 (concatenation)") {
      $0.set(0, of: .options(13), to: Int32(4))
    },
    StructuralDefect("pieces that do not fit", says: "input 1 of operator 13 (concatenation)") {
      $0.set(0, of: .buffer(9), at: 1, to: Int32(1))
      $0.set(0, of: .options(13), to: Int32(2))
      $0.set(0, of: .buffer(7), at: 2, to: Int32(2))
      $0.set(1, of: .operation(10), at: 1, to: Int32(20))
    },
    StructuralDefect(
      "a split in three of two", says: "the number of outputs of operator 19 (split)"
    ) {
      $0.set(0, of: .options(19), to: Int32(3))
    },
    StructuralDefect("an axis to split along", says: "the axis of operator 19 (split)") {
      $0.set(0, of: .buffer(18), at: 0, to: Int32(-5))
    },
    StructuralDefect("a pack of one of two", says: "the number of inputs of operator 20 (pack)") {
      $0.set(0, of: .options(20), to: Int32(1))
    },
    StructuralDefect("an axis to unpack along", says: "the axis of operator 21 (unpack)") {
      $0.set(1, of: .options(21), to: Int32(5))
    },
    StructuralDefect(
      "an axis of four to unpack", says: "the number of outputs of operator 21 (unpack)"
    ) {
      $0.set(1, of: .options(21), to: Int32(4))
    },
    StructuralDefect("an axis to gather along", says: "the axis of operator 22 (gather)") {
      $0.set(0, of: .options(22), to: Int32(4))
    },
    StructuralDefect("batch axes to gather", says: "the batch axes of operator 22 (gather)") {
      $0.set(1, of: .options(22), to: Int32(2))
    },
    StructuralDefect("an axis to average", says: "the axis of operator 23 (mean)") {
      $0.set(0, of: .buffer(20), at: 0, to: Int32(4))
    },
  ]
}
