package import EmbedderInference
package import EmbedderModelMetadata
import EmbedderPlatform
package import EmbedderStorage

/// The worker's side: serves a host at the other end of the standard input, until it closes it.
package enum InferenceWorker {
  /// The argument that makes `image-embedder` a worker.
  package static let argument = WorkerProcess.argument

  /// The most address space that a worker takes, so that a hostile model cannot use up the machine's
  /// memory.
  #if SANITIZER  // It reserves terabytes.
  private static let addressSpaceLimit = rlim_t.max
  #else
  private static let addressSpaceLimit: rlim_t = 8 << 30
  #endif

  /// Answers requests; returns when the host is gone.
  ///
  /// - Parameter makeEngine: Makes the engine that runs a model: the bytes of a TFLite file, and what was
  ///   read from them.
  package static func serve(
    with makeEngine: (EngineConfiguration, SharedBytes, ModelFile) throws(InferenceError)
      -> any InferenceEngine
  ) {
    var memory = rlimit(rlim_cur: addressSpaceLimit, rlim_max: addressSpaceLimit)
    var coreFile = rlimit(rlim_cur: 0, rlim_max: 0)
    #if canImport(Glibc)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &coreFile)
    #else
    _ = unsafe setrlimit(RLIMIT_AS, &memory)
    _ = unsafe setrlimit(RLIMIT_CORE, &coreFile)
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
