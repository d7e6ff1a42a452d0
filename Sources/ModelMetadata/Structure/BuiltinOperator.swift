/// The operators of the TFLite schema (`BuiltinOperator`), by its numbers.
enum BuiltinOperator: Int, Sendable {
  case add = 0
  case averagePool2D, concatenation, conv2D, depthwiseConv2D, depthToSpace, dequantize
  case embeddingLookup, floor, fullyConnected, hashtableLookup, l2Normalization, l2Pool2D
  case localResponseNormalization, logistic, lshProjection, lstm, maxPool2D, mul, relu, reluN1To1
  case relu6, reshape, resizeBilinear, rnn, softmax, spaceToDepth, svdf, tanh, concatEmbeddings
  case skipGram, call, custom, embeddingLookupSparse, pad, unidirectionalSequenceRnn, gather
  case batchToSpaceNd, spaceToBatchNd, transpose, mean, sub, div, squeeze
  case unidirectionalSequenceLstm, stridedSlice, bidirectionalSequenceRnn, exp, topkV2, split
  case logSoftmax, delegate, bidirectionalSequenceLstm, cast, prelu, maximum, argMax, minimum
  case less, neg, padv2, greater, greaterEqual, lessEqual, select, slice, sin, transposeConv
  case sparseToDense, tile, expandDims, equal, notEqual, log, sum, sqrt, rsqrt, shape, pow, argMin
  case fakeQuant, reduceProd, reduceMax, pack, logicalOr, oneHot, logicalAnd, logicalNot, unpack
  case reduceMin, floorDiv, reduceAny, square, zerosLike, fill, floorMod, range
  case resizeNearestNeighbor, leakyRelu, squaredDifference, mirrorPad, abs, splitV, unique, ceil
  case reverseV2, addN, gatherNd, cos, `where`, rank, elu, reverseSequence, matrixDiag, quantize
  case matrixSetDiag, round, hardSwish, `if`, `while`, nonMaxSuppressionV4, nonMaxSuppressionV5
  case scatterNd, selectV2, densify, segmentSum, batchMatmul, placeholderForGreaterOpCodes, cumsum
  case callOnce, broadcastTo, rfft2d, conv3D, imag, real, complexAbs, hashtable, hashtableFind
  case hashtableImport, hashtableSize, reduceAll, conv3DTranspose, varHandle, readVariable
  case assignVariable, broadcastArgs, randomStandardNormal, bucketize, randomUniform, multinomial
  case gelu, dynamicUpdateSlice, relu0To1, unsortedSegmentProd, unsortedSegmentMax
  case unsortedSegmentSum, atan2, unsortedSegmentMin, sign, bitcast, bitwiseXor, rightShift
  case stablehloLogistic, stablehloAdd, stablehloDivide, stablehloMultiply, stablehloMaximum
  case stablehloReshape, stablehloClamp, stablehloConcatenate, stablehloBroadcastInDim
  case stablehloConvolution, stablehloSlice, stablehloCustomCall, stablehloReduce, stablehloAbs
  case stablehloAnd, stablehloCosine, stablehloExponential, stablehloFloor, stablehloLog
  case stablehloMinimum, stablehloNegate, stablehloOr, stablehloPower, stablehloRemainder
  case stablehloRsqrt, stablehloSelect, stablehloSubtract, stablehloTanh, stablehloScatter
  case stablehloCompare, stablehloConvert, stablehloDynamicSlice, stablehloDynamicUpdateSlice
  case stablehloPad, stablehloIota, stablehloDotGeneral, stablehloReduceWindow, stablehloSort
  case stablehloWhile, stablehloGather, stablehloTranspose, dilate, stablehloRngBitGenerator
  case reduceWindow, stablehloComposite, stablehloShiftLeft, stablehloCbrt, stablehloCase
}
