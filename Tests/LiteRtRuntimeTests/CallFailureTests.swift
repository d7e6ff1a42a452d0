import EmbedderLiteRtRuntime
import EmbedderStorage
import Testing

/// A call that goes wrong, and what our code has to say about it.
struct FailureCase: Sendable, CustomTestStringConvertible {
  let fault: FakeRuntime.Fault
  let error: LiteRtError

  /// A call that gives a status, as an error with the function's name.
  static func refused(_ function: String, call: Int = 1, details: String = "") -> FailureCase {
    FailureCase(
      fault: .init(function: function, outcome: .status(42), call: call),
      error: .callFailed(
        function: "LiteRt\(function)", LiteRtStatus(rawValue: 42), details: details))
  }

  /// A call that gives the status "ok" without a handle, and the error that follows.
  static func withoutHandle(_ function: String, call: Int = 1, _ error: LiteRtError) -> FailureCase
  {
    FailureCase(fault: .init(function: function, outcome: .null, call: call), error: error)
  }

  var testDescription: String {
    "\(fault.function), call \(fault.call): \(fault.outcome)"
  }
}

@Suite("A failing call of the runtime")
struct CallFailureTests {
  static let messages = "a node failed\nfor a reason"
  static let invalidArgument = LiteRtStatus(rawValue: 1)

  static let plainCalls = [
    "CreateEnvironment", "GetModelSignature", "GetNumSignatureInputs", "GetNumSignatureOutputs",
    "GetSignatureInputTensorByIndex", "GetSignatureOutputTensorByIndex", "GetTensorName",
    "GetTensorTypeId", "GetRankedTensorType", "GetQuantizationTypeId", "GetPerTensorQuantization",
    "CreateOptions", "SetOptionsHardwareAccelerators",
  ]

  /// Calls that are made several times, each of which may fail.
  static let repeatedCalls: [FailureCase] =
    [1, 2, 3].flatMap { call in
      [.refused("CreateOpaqueOptions", call: call), .refused("AddOpaqueOptions", call: call)]
    } + [1, 2, 3, 4].map { .refused("CreateTensorBufferFromHostMemory", call: $0) }

  /// Calls on a compiled model, for which the runtime keeps messages.
  static let callsWithMessages: [FailureCase] =
    [
      ("GetCompiledModelOutputTensorLayouts", 2), ("GetCompiledModelInputBufferRequirements", 2),
      ("GetCompiledModelOutputBufferRequirements", 2),
      ("GetTensorBufferRequirementsBufferSize", 4), ("CompiledModelResizeInputTensor", 1),
      ("RunCompiledModel", 2),
    ].flatMap { function, count in
      (1...count).map { .refused(function, call: $0, details: messages) }
    }

  static let otherErrors = [
    FailureCase(
      fault: .init(function: "CreateModelFromBuffer", outcome: .status(501)),
      error: .invalidModel(LiteRtStatus(rawValue: 501))),
    FailureCase(
      fault: .init(function: "CreateCompiledModel", outcome: .status(3)),
      error: .compilationFailed(LiteRtStatus(rawValue: 3), details: "")),
  ]

  static let withoutHandles: [FailureCase] = [
    .withoutHandle(
      "CreateEnvironment",
      .callFailed(
        function: "LiteRtCreateEnvironment", .ok, details: "no environment given")),
    .withoutHandle("CreateModelFromBuffer", .invalidModel(.ok)),
    .withoutHandle(
      "GetModelSignature",
      .callFailed(function: "LiteRtGetNumSignatureInputs", invalidArgument, details: "")),
    .withoutHandle(
      "GetSignatureInputTensorByIndex",
      .callFailed(function: "LiteRtGetTensorName", invalidArgument, details: "")),
    .withoutHandle(
      "GetSignatureOutputTensorByIndex",
      .callFailed(function: "LiteRtGetTensorName", invalidArgument, details: "")),
    .withoutHandle(
      "CreateOptions",
      .callFailed(function: "LiteRtCreateOptions", .ok, details: "no options given")),
    .withoutHandle("CreateCompiledModel", .compilationFailed(.ok, details: "")),
    .withoutHandle(
      "GetCompiledModelInputBufferRequirements",
      .callFailed(
        function: "LiteRtGetTensorBufferRequirementsBufferSize", invalidArgument,
        details: messages)),
    .withoutHandle(
      "GetCompiledModelOutputBufferRequirements",
      .callFailed(
        function: "LiteRtGetTensorBufferRequirementsBufferSize", invalidArgument,
        details: messages)),
    .withoutHandle(
      "CreateTensorBufferFromHostMemory",
      .callFailed(
        function: "LiteRtCreateTensorBufferFromHostMemory", .ok, details: "no buffer given")),
  ]

  static let cases =
    plainCalls.map { .refused($0) } + repeatedCalls + callsWithMessages + otherErrors
    + withoutHandles

  /// A life from the environment to the second run, freed at the end.
  static func live() throws(LiteRtError) {
    let environment = try Environment(library: LiteRtLibrary(functions: FakeRuntime.table))
    let model = try Model(environment: environment, bytes: SharedBytes([1, 2, 3]))
    let compiledModel = try CompiledModel(model: model, threadCount: 1)
    try compiledModel.run()
    try compiledModel.resizeInput(0, to: [1, 4, 4, 3])
    try compiledModel.run()
  }

  @Test("is missing: everything that was created is destroyed once, in order")
  func withoutFailure() throws {
    let runtime = FakeRuntime()
    runtime.inputs[0].quantization = (0.5, 3)
    try runtime.use { try Self.live() }
    runtime.expectAllFreed()
  }

  @Test(
    "of any kind is the error of its caller, and all that exists is destroyed", arguments: cases)
  func failure(of failure: FailureCase) {
    let runtime = FakeRuntime()
    runtime.inputs[0].quantization = (0.5, 3)
    runtime.faults = [failure.fault]
    runtime.use {
      #expect(throws: failure.error) { try Self.live() }
    }
    #expect(runtime.calls.contains(failure.fault.function))
    runtime.expectAllFreed()
  }

  @Test("leaves no more than its status where the runtime's messages cannot be had")
  func messagesFail() {
    for outcome in [FakeRuntime.Fault.Outcome.status(42), .null] {
      let runtime = FakeRuntime()
      runtime.faults = [
        .init(function: "RunCompiledModel", outcome: .status(3)),
        .init(function: "CompiledModelGetErrorMessages", outcome: outcome),
      ]
      let error = LiteRtError.callFailed(
        function: "LiteRtRunCompiledModel", LiteRtStatus(rawValue: 3), details: "")
      runtime.use {
        #expect(throws: error) { try Self.live() }
      }
      runtime.expectAllFreed()
    }
  }

  @Test("is not covered by a failure to clear its messages")
  func clearingFails() {
    let runtime = FakeRuntime()
    runtime.faults = [
      .init(function: "RunCompiledModel", outcome: .status(3)),
      .init(function: "CompiledModelClearErrors", outcome: .status(42)),
    ]
    let error = LiteRtError.callFailed(
      function: "LiteRtRunCompiledModel", LiteRtStatus(rawValue: 3), details: Self.messages)
    runtime.use {
      #expect(throws: error) { try Self.live() }
    }
    runtime.expectAllFreed()
  }

  @Test("that gives no opaque options is the error of that call, and adds nothing")
  func noOpaqueOptions() {
    let runtime = FakeRuntime()
    runtime.faults = [.init(function: "CreateOpaqueOptions", outcome: .null)]
    let error = runtime.use {
      #expect(throws: LiteRtError.self) { try Self.live() }
    }
    guard case .callFailed("LiteRtCreateOpaqueOptions", .ok, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!runtime.calls.contains("AddOpaqueOptions"))
    runtime.expectAllFreed()
  }

  @Test("is one of all that the table has", .enabled(if: MemoryLayout<Int>.size == 8))
  func allFunctionsAreCovered() {
    // Void functions cannot fail; the rest either has a case above or its failure is tolerated.
    let tolerated = [
      "CompiledModelGetErrorMessages", "CompiledModelClearErrors", "GetModelMetadata",
    ]
    // The last is called on a graphics card only.
    let unused = [
      "GetNumModelSignatures", "GetCompiledModelInputTensorLayout",
      "CompiledModelIsFullyAccelerated",
    ]
    let void = [
      "DestroyEnvironment", "EnvironmentHasGpuEnvironment", "DestroyModel", "DestroyOptions",
      "DestroyOpaqueOptions", "DestroyCompiledModel", "DestroyTensorBuffer",
    ]
    let failing = Set(Self.cases.map(\.fault.function))
    #expect(failing.count + tolerated.count + unused.count + void.count == tableEntries.count)
    #expect(tableEntries.allSatisfy { $0 != 0 }, "the fake's table has a NULL")
  }

  private var tableEntries: [UInt] {
    unsafe withUnsafeBytes(of: FakeRuntime.table) { bytes in
      unsafe Array(bytes.bindMemory(to: UInt.self))
    }
  }
}

extension FakeRuntime {
  /// Expects that nothing is left and that no rule was broken.
  func expectAllFreed(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(leaks == [], sourceLocation: sourceLocation)
    #expect(violations == [], sourceLocation: sourceLocation)
    #expect(payloads.isEmpty, "texts of options are not freed", sourceLocation: sourceLocation)
  }
}
