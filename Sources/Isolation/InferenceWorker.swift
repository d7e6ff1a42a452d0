package import EmbedderInference
package import EmbedderModelMetadata
import EmbedderPlatform
package import EmbedderStorage

/// The worker's side: serves a host at the other end of the standard input, until it closes it.
package enum InferenceWorker {
  /// The argument that makes `image-embedder` a worker.
  package static let argument = WorkerProcess.argument

  /// The most memory that a worker takes, so that a hostile model cannot use up the machine's.
  #if SANITIZER  // It reserves terabytes.
  private static let memoryLimit = rlim_t.max
  #else
  private static let memoryLimit: rlim_t = 8 << 30
  #endif

  /// What of a worker's memory is limited.
  ///
  /// It is the address space, or with a graphics card what the worker may write to and shares with nobody:
  /// drivers take tens of gigabytes of addresses for the memory of their cards.
  static func limitedResource(for accelerator: Accelerator) -> CInt {
    let resource = accelerator == .gpu ? RLIMIT_DATA : RLIMIT_AS
    #if canImport(Glibc)
    return CInt(resource.rawValue)
    #else
    return resource
    #endif
  }

  /// Answers requests; returns when the host is gone.
  ///
  /// - Parameter makeEngine: Makes the engine that runs a model: the bytes of a TFLite file, and what was
  ///   read from them.
  package static func serve(
    with makeEngine: (EngineConfiguration, SharedBytes, ModelFile) throws(InferenceError)
      -> any InferenceEngine
  ) {
    #if canImport(Glibc)
    limit(CInt(RLIMIT_CORE.rawValue), to: 0)
    #else
    limit(RLIMIT_CORE, to: 0)
    #endif
    let channel = MessageChannel(descriptor: STDIN_FILENO)
    var model: (any InferenceModel)?
    var timeout = 0
    while var request = try? channel.receive(within: nil) {
      var answer: Message
      do {
        switch request.kind {
        case .load:
          let threadCount = try request.readInteger()
          let path = try request.readPath()
          let isNamed = try request.readInteger() != 0
          let name = try request.readString()
          let acceleratorName = try request.readString()
          guard let accelerator = Accelerator(rawValue: acceleratorName) else {
            throw IsolationError.protocolViolation(
              details: "an accelerator named \(quoted(acceleratorName))")
          }
          let precisionName = try request.readString()
          guard let precision = Precision(rawValue: precisionName) else {
            throw IsolationError.protocolViolation(
              details: "a precision named \(quoted(precisionName))")
          }
          limit(limitedResource(for: accelerator), to: memoryLimit)
          let acceleratorPath = try request.readPath()
          timeout = min(max(try request.readInteger(), 0), Int(Int32.max))
          // Should the host not be there to end what hangs.
          RunningTimeAlarm.arm(seconds: timeout + 1)
          let configuration = EngineConfiguration(
            threadCount: threadCount, signature: isNamed ? name : nil,
            libraryPath: path.bytes.isEmpty ? nil : path, accelerator: accelerator,
            precision: precision,
            acceleratorLibraryPath: acceleratorPath.bytes.isEmpty ? nil : acceleratorPath)
          let bytes = SharedBytes(try AlignedBuffer(copying: Array(try request.readBytes())))
          let file = try ModelFile(
            reading: bytes.bytes, signature: configuration.signature)
          let loaded = try makeEngine(configuration, bytes, file).makeModel()
          answer = Message(.loaded)
          answer.write(loaded.outputTensors.count)
          for tensor in loaded.outputTensors { answer.write(tensor) }
          model = loaded
        case .run:
          RunningTimeAlarm.arm(seconds: timeout + 1)
          guard let model else {
            throw IsolationError.protocolViolation(details: "an input before a model")
          }
          answer = try run(model, &request)
        case .loaded, .result, .failure:
          throw IsolationError.protocolViolation(details: "an answer in place of a request")
        }
      } catch {
        answer = Message(.failure)
        // What is thrown by others says that the model's bytes cannot be read.
        let kind =
          (error as? InferenceError)?.kind ?? (request.kind == .load ? .modelRefused : .failed)
        answer.write(kind.number)
        answer.write("\(error)")
      }
      RunningTimeAlarm.arm(seconds: 0)
      guard (try? channel.send(answer, within: nil)) != nil else { return }
    }
  }

  private static func limit(_ resource: CInt, to value: rlim_t) {
    var limit = rlimit(rlim_cur: value, rlim_max: value)
    #if canImport(Glibc)
    _ = unsafe setrlimit(__rlimit_resource_t(UInt32(resource)), &limit)
    #else
    _ = unsafe setrlimit(resource, &limit)
    #endif
  }

  private static func run(
    _ model: any InferenceModel, _ request: inout Message
  ) throws -> Message {
    try model.prepare(inputShape: try request.readIntegers(limit: 8))
    let input = try request.readBytes()
    try model.writeInput { (bytes: inout MutableRawSpan) throws(IsolationError) in
      guard bytes.byteCount == input.count else {
        throw IsolationError.protocolViolation(details: "an input of \(input.count) bytes")
      }
      unsafe bytes.withUnsafeMutableBytes { unsafe $0.copyBytes(from: input) }
    }
    try model.run()
    var answer = Message(.result)
    for (index, tensor) in model.outputTensors.enumerated() {
      answer.write(tensor.shape)
      model.readOutput(index) { answer.write($0) }
    }
    return answer
  }
}
