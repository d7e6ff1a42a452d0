import EmbedderModelMetadata
public import EmbedderStorage

extension ImageEmbedder {
  /// Writes a copy of a model with annotations.
  ///
  /// The model's operators, weights and buffers stay byte for byte what they are; new tables come in
  /// front of them. Associated files stay readable. Needs no runtime, and memory for two copies.
  ///
  /// - Parameters:
  ///   - model: The model, which stays as it is. It need not be one that can embed images yet.
  ///   - annotations: What the copy is to say.
  ///   - output: The copy, whose name ends in `.tflite`. It appears whole or not at all, and replaces a
  ///     TFLite model only.
  /// - Throws: ``EmbedderError``: ``EmbedderError/annotation(model:_:)`` for what cannot be written,
  ///   ``EmbedderError/invalidOption(name:found:needed:)`` for an output that is the model or no model,
  ///   ``EmbedderError/output(_:)`` where the system does not write it.
  public static func annotate(
    _ model: ModelSource, with annotations: ModelAnnotations, output: PathBytes
  ) throws(EmbedderError) {
    try ModelOutput(path: output).check(isNot: model)
    let copy = try annotatedBytes(of: model, annotations)
    do throws(FileError) {
      try writeWholeFile(copy.bytes, at: output)
    } catch {
      throw .output(error)
    }
  }

  /// The content of a copy of a model with annotations.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - annotations: What the copy is to say.
  /// - Returns: The bytes of a TFLite file.
  /// - Throws: ``EmbedderError``.
  public static func annotated(
    _ model: ModelSource, with annotations: ModelAnnotations
  ) throws(EmbedderError) -> [UInt8] {
    let bytes = try annotatedBytes(of: model, annotations)
    return unsafe bytes.bytes.withUnsafeBytes { unsafe Array($0) }
  }

  private static func annotatedBytes(
    of model: ModelSource, _ annotations: ModelAnnotations
  ) throws(EmbedderError) -> SharedBytes {
    var options = Options(model: model)
    options.normalization = annotations.normalization
    let bytes = try model.load(limit: largestModel, with: options).bytes
    let file: ModelFile
    do throws(MetadataError) {
      file = try ModelFile(reading: bytes.bytes)
    } catch {
      throw .modelContent(model: model.description, error)
    }
    let annotated: AnnotatedModel
    let copy: SharedBytes
    do throws(AnnotationError) {
      annotated = try file.annotated(bytes.bytes, with: annotations.changes)
    } catch {
      throw .annotation(model: model.description, error)
    }
    do throws(OutOfMemory) {
      copy = try Self.copy(of: bytes.bytes, annotated)
    } catch {
      throw .outOfMemory(error)
    }
    do throws(AnnotationError) {
      try annotated.verify(copy.bytes)
    } catch {
      throw .annotation(model: model.description, error)
    }
    return copy
  }

  /// The largest file that is copied.
  ///
  /// The runtime takes smaller ones only; others may take it.
  private static let largestModel = 1 << 36

  private static func copy(
    of model: RawSpan, _ annotated: AnnotatedModel
  ) throws(OutOfMemory) -> SharedBytes {
    let start = annotated.prefix.count
    var buffer = try AlignedBuffer(byteCount: start + model.byteCount)
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe target.copyBytes(from: annotated.prefix)
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...])
      unsafe model.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
      for patch in annotated.patches {
        unsafe UnsafeMutableRawBufferPointer(rebasing: rest[patch.position...])
          .copyBytes(from: patch.bytes)
      }
    }
    return SharedBytes(buffer)
  }
}
