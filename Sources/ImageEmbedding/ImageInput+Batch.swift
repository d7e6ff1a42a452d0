import EmbedderInference
import EmbedderModelMetadata

/// How a model that fixes a batch is run for one image.
enum BatchUse {
  /// With the one image alone.
  case alone
  /// With a whole batch, of which the image is the first.
  case first
  /// Not at all: what comes of the first image depends on the others.
  case mixed
}

extension ImageInput {
  /// Runs a model that fixes a batch with one image alone and in batches of others, and compares what it
  /// gives.
  ///
  /// Where that is the same, one image at a time costs one image. A model into which the batch is written
  /// elsewhere, such as in the shape of a RESHAPE, is run with all images instead, and must give the same
  /// whatever the others are. The model is left as it will be used.
  ///
  /// - Throws: ``InferenceError`` where it does not run as it is.
  func use(of model: any InferenceModel) throws(InferenceError) -> BatchUse {
    // Where the size is open, any does.
    let extent = 64
    var alone = self
    alone.batch = 1
    let together = try outputs(of: model, shape(width: extent, height: extent))
    let expected = together.map { Array($0.prefix($0.count / batch)) }
    do throws(InferenceError) {
      let found = try outputs(of: model, alone.shape(width: extent, height: extent))
      let types = model.outputTensors.map(\.elementType)
      if found.count == expected.count,
        found.indices.allSatisfy({ isNear(found[$0], expected[$0], types[$0]) })
      {
        return .alone
      }
    } catch {
      // The model does not take one image; what it makes of its own batch is known.
    }
    let others = try outputs(
      of: model, shape(width: extent, height: extent), othersSeed: 2)
    let types = model.outputTensors.map(\.elementType)
    let isUnmixed = expected.indices.allSatisfy { index in
      let first = Array(others[index].prefix(others[index].count / batch))
      return isNear(first, expected[index], types[index])
    }
    return isUnmixed ? .first : .mixed
  }

  /// The bytes of all outputs for a first picture that is the same whatever the batch is, and others that
  /// go on with its numbers, or begin with a seed.
  private func outputs(
    of model: any InferenceModel, _ shape: [Int], othersSeed: UInt32? = nil
  ) throws(InferenceError) -> [[UInt8]] {
    try model.prepare(inputShape: shape)
    model.writeInput { bytes in
      let pictureByteCount = bytes.byteCount / shape[0]
      // Numbers without a rhythm, by a multiplicative generator.
      var state: UInt32 = 1
      func next() -> UInt8 {
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24)
      }
      unsafe bytes.withUnsafeMutableBytes { bytes in
        if tensor.elementType == .float32 {
          for index in 0..<bytes.count / 4 {
            if let othersSeed, 4 * index == pictureByteCount { state = othersSeed }
            let value = Float(next()) / 128 - 1
            unsafe bytes.storeBytes(of: value, toByteOffset: 4 * index, as: Float.self)
          }
        } else {
          for index in bytes.indices {
            if let othersSeed, index == pictureByteCount { state = othersSeed }
            unsafe bytes[index] = next()
          }
        }
      }
    }
    try model.run()
    return model.outputTensors.indices.map { index in
      model.readOutput(index) { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
    }
  }
}

/// Whether two outputs are the same up to the runtime's rounding, which may depend on the batch.
private func isNear(_ found: [UInt8], _ expected: [UInt8], _ type: ElementType) -> Bool {
  guard found.count == expected.count else { return false }
  guard type == .float32 else {
    let sign: UInt8 = type == .int8 ? 0x80 : 0
    return zip(found, expected).allSatisfy { abs(Int($0 ^ sign) - Int($1 ^ sign)) <= 1 }
  }
  let numbers = [found, expected].map { bytes in
    unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
  }
  let largest = numbers[1].reduce(0) { max($0, $1.magnitude) }
  return zip(numbers[0], numbers[1]).allSatisfy { found, expected in
    found == expected || (found - expected).magnitude <= 1e-4 * largest
      || (found.isNaN && expected.isNaN)
  }
}
