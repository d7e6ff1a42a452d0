import CEmbedderOpenVINO
import EmbedderPlatform

/// A stand-in for OpenVINO: it keeps count of handles, notes every call and fails when told.
///
/// Its model has one input and one output of float32, whose elements are all the number of the run.
///
/// C functions have no place for an object, so the functions of ``table`` reach theirs through a
/// task-local value; tests may run side by side. One test uses one fake, on one thread.
final class FakeOpenVINO: @unchecked Sendable {
  @TaskLocal static var current = FakeOpenVINO()

  /// The function that fails, without its prefix.
  var failing: String?
  var version = "2026.3.1-22476-fake"
  /// What the processor is said to compute in.
  var capabilities = "FP32 BF16 INT8"
  /// What compiled models are said to compute in, where it is not what was asked for.
  var precision: String?
  var inputCount = 1
  var outputCount = 1
  var outputType: Int32 = 4
  var outputShape: [Int64] = [1, 2]
  /// What is added to the number of bytes that the output is said to have.
  var additionalBytes = 0

  /// The functions called, in order, without their prefix.
  var calls: [String] = []
  /// The properties of compilations: threads, streams and precision.
  fileprivate(set) var compilations: [[String]] = []
  /// The properties of imports: threads, streams and precision.
  fileprivate(set) var imports: [[String]] = []
  /// What an export is.
  static let exported = Array("a compiled model".utf8)
  /// How many handles of each kind exist.
  fileprivate(set) var live: [String: Int] = [:]
  fileprivate var output: [Float] = []
  fileprivate var runCount = 0

  /// Runs `body` with this fake behind the functions of ``table``.
  func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self) { try body() }
  }

  /// The kinds of handles that were made and not freed.
  var leaks: [String] { live.filter { $0.value != 0 }.keys.sorted() }

  /// Notes a call; returns its status.
  fileprivate func enter(_ function: String) -> Int32 {
    calls.append(function)
    return function == failing ? -1 : 0
  }

  /// Notes a call that makes a handle.
  @unsafe
  fileprivate func make<Object>(
    _ function: String, _ kind: String,
    _ target: UnsafeMutablePointer<UnsafeMutablePointer<Object>?>?
  ) -> Int32 {
    let status = enter(function)
    if status == 0 {
      live[kind, default: 0] += 1
      unsafe target?.pointee = UnsafeMutablePointer(bitPattern: 64)
    }
    return status
  }

  fileprivate func free(_ kind: String) { live[kind, default: 0] -= 1 }

  static var table: OpenVINOFunctions {
    var table = OpenVINOFunctions()
    addLibrary(to: &table)
    addModels(to: &table)
    addRequests(to: &table)
    return table
  }

  private static func addLibrary(to table: inout OpenVINOFunctions) {
    unsafe table.get_openvino_version = { version in
      unsafe version?.pointee.buildNumber = UnsafePointer(text(fake.version))
      return 0
    }
    unsafe table.version_free = { version in
      unsafe freeMemory(UnsafeMutableRawPointer(mutating: version?.pointee.buildNumber))
    }
    unsafe table.get_last_err_msg = {
      unsafe UnsafePointer(text("Exception from src/a.cpp:1:\nno translator for operator X\n"))
    }
    unsafe table.free = { unsafe freeMemory(UnsafeMutableRawPointer(mutating: $0)) }
    unsafe table.core_create = { unsafe fake.make("core_create", "core", $0) }
    unsafe table.core_free = { _ in fake.free("core") }
    unsafe table.core_get_property = { _, _, name, value in
      let isName = unsafe name.map { unsafe String(cString: $0) } == "FULL_DEVICE_NAME"
      let status = fake.enter(isName ? "core_get_property" : "core_get_property of capabilities")
      if status == 0 { unsafe value?.pointee = text(isName ? "a processor" : fake.capabilities) }
      return status
    }
  }

  private static func addModels(to table: inout OpenVINOFunctions) {
    unsafe table.core_read_model = { _, _, _, model in
      unsafe fake.make("core_read_model", "model", model)
    }
    unsafe table.model_free = { _ in fake.free("model") }
    unsafe table.model_inputs_size = { _, count in
      unsafe count?.pointee = fake.inputCount
      return fake.enter("model_inputs_size")
    }
    unsafe table.partial_shape_create = { _, _, _ in
      let status = fake.enter("partial_shape_create")
      if status == 0 { fake.live["shape", default: 0] += 1 }
      return status
    }
    unsafe table.partial_shape_free = { _ in fake.free("shape") }
    unsafe table.model_reshape_single_input = { _, _ in fake.enter("model_reshape_single_input") }
    unsafe table.compile = { _, _, _, threads, streams, precision, compiled in
      unsafe fake.compilations.append(
        [threads, streams, precision].map { unsafe $0.map { unsafe String(cString: $0) } ?? "" })
      return unsafe fake.make("compile", "compiled", compiled)
    }
    unsafe table.compiled_model_get_property = { _, _, value in
      let status = fake.enter("compiled_model_get_property")
      let name = fake.precision ?? fake.compilations.last?.last ?? ""
      if status == 0 { unsafe value?.pointee = text(name) }
      return status
    }
    unsafe table.compiled_model_export_model = { _, path in
      guard let file = unsafe fopen(path, "w") else { return -1 }
      unsafe fwrite(FakeOpenVINO.exported, 1, FakeOpenVINO.exported.count, file)
      unsafe fclose(file)
      return fake.enter("compiled_model_export_model")
    }
    unsafe table.import_compiled = { _, _, content, count, threads, streams, precision, compiled in
      let bytes = unsafe UnsafeRawBufferPointer(start: content, count: count)
      guard unsafe bytes.elementsEqual(FakeOpenVINO.exported) else { return -1 }
      unsafe fake.imports.append(
        [threads, streams, precision].map { unsafe $0.map { unsafe String(cString: $0) } ?? "" })
      return unsafe fake.make("import_compiled", "compiled", compiled)
    }
    unsafe table.compiled_model_free = { _ in fake.free("compiled") }
    unsafe table.compiled_model_outputs_size = { _, count in
      unsafe count?.pointee = fake.outputCount
      return fake.enter("compiled_model_outputs_size")
    }
  }

  private static func addRequests(to table: inout OpenVINOFunctions) {
    unsafe table.compiled_model_create_infer_request = { _, request in
      unsafe fake.make("compiled_model_create_infer_request", "request", request)
    }
    unsafe table.infer_request_free = { _ in fake.free("request") }
    unsafe table.tensor_create_from_host_ptr = { _, _, _, tensor in
      unsafe fake.make("tensor_create_from_host_ptr", "tensor", tensor)
    }
    unsafe table.infer_request_set_input_tensor_by_index = { _, _, _ in
      fake.enter("infer_request_set_input_tensor_by_index")
    }
    unsafe table.infer_request_infer = { _ in
      fake.runCount += 1
      let count = Int(fake.outputShape.reduce(1, *))
      fake.output = Array(repeating: Float(fake.runCount), count: count)
      return fake.enter("infer_request_infer")
    }
    unsafe table.infer_request_get_output_tensor_by_index = { _, _, tensor in
      unsafe fake.make("infer_request_get_output_tensor_by_index", "tensor", tensor)
    }
    unsafe table.tensor_free = { _ in fake.free("tensor") }
    unsafe table.tensor_get_element_type = { _, type in
      unsafe type?.pointee = fake.outputType
      return fake.enter("tensor_get_element_type")
    }
    unsafe table.tensor_get_shape = { _, shape in
      let status = fake.enter("tensor_get_shape")
      guard status == 0 else { return status }
      fake.live["shape", default: 0] += 1
      let extents = UnsafeMutablePointer<Int64>.allocate(capacity: fake.outputShape.count)
      unsafe extents.initialize(from: fake.outputShape, count: fake.outputShape.count)
      unsafe shape?.pointee = ov_shape_t(rank: Int64(fake.outputShape.count), dims: extents)
      return 0
    }
    unsafe table.shape_free = { shape in
      unsafe shape?.pointee.dims?.deallocate()
      fake.free("shape")
      return 0
    }
    unsafe table.tensor_get_byte_size = { _, count in
      unsafe count?.pointee = fake.output.count * 4 + fake.additionalBytes
      return fake.enter("tensor_get_byte_size")
    }
    unsafe table.tensor_data = { _, data in
      unsafe fake.output.withUnsafeMutableBytes { unsafe data?.pointee = $0.baseAddress }
      return fake.enter("tensor_data")
    }
  }
}

private var fake: FakeOpenVINO { .current }

/// A string of C, for the caller to free.
private func text(_ string: String) -> UnsafeMutablePointer<CChar>? {
  unsafe strdup(string)
}

private func freeMemory(_ pointer: UnsafeMutableRawPointer?) {
  unsafe free(pointer)
}
