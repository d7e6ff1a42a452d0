import CLiteRt

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension FakeRuntime {
  /// Every function of the runtime, led by ``current``.
  static let table: LiteRtFunctions = {
    var table = LiteRtFunctions()
    addEnvironment(to: &table)
    addModel(to: &table)
    addSignature(to: &table)
    addTensor(to: &table)
    addOptions(to: &table)
    addCompiledModel(to: &table)
    addRequirements(to: &table)
    addRunning(to: &table)
    addTensorBuffer(to: &table)
    return table
  }()

  private static func addEnvironment(to table: inout LiteRtFunctions) {
    unsafe table.CreateEnvironment = { count, options, target in
      for index in 0..<Int(count) {
        let option = unsafe options?[index] ?? LiteRtEnvOption()
        fake.environmentOptions.append(
          unsafe [Int64(option.tag), Int64(option.value.type), option.value.int_value])
      }
      return unsafe fake.give("CreateEnvironment", .environment, owners: [], to: target).status
    }
    unsafe table.DestroyEnvironment = {
      fake.destroy("DestroyEnvironment", unsafe number($0), .environment)
    }
  }

  private static func addModel(to table: inout LiteRtFunctions) {
    unsafe table.CreateModelFromBuffer = { environment, bytes, count, target in
      if unsafe bytes == nil || count == 0 { return 1 }
      return unsafe fake.give(
        "CreateModelFromBuffer", .model, owners: [number(environment)], to: target
      ).status
    }
    unsafe table.DestroyModel = { fake.destroy("DestroyModel", unsafe number($0), .model) }
    unsafe table.GetModelMetadata = { model, key, bytes, count in
      fake.perform("GetModelMetadata") {
        let known: StaticString = "KNOWN"
        guard fake.exists(unsafe number(model), "GetModelMetadata"),
          unsafe key.map({ unsafe String(cString: $0) }) == "KNOWN"
        else { return 6 }
        unsafe bytes?.pointee = UnsafeRawPointer(known.utf8Start)
        unsafe count?.pointee = known.utf8CodeUnitCount
        return 0
      }
    }
    unsafe table.GetNumModelSignatures = { _, count in
      fake.perform("GetNumModelSignatures") {
        unsafe count?.pointee = 1
        return 0
      }
    }
    unsafe table.GetModelSignature = { model, index, target in
      guard index == 0 else { return 1000 }
      return unsafe fake.give(
        "GetModelSignature", .signature, owners: [number(model)], to: target
      ).status
    }
  }

  private static func addSignature(to table: inout LiteRtFunctions) {
    unsafe table.GetNumSignatureInputs = { signature, count in
      fake.perform("GetNumSignatureInputs") {
        guard fake.exists(unsafe number(signature), "GetNumSignatureInputs") else { return 1 }
        unsafe count?.pointee = fake.inputs.count
        return 0
      }
    }
    unsafe table.GetNumSignatureOutputs = { signature, count in
      fake.perform("GetNumSignatureOutputs") {
        guard fake.exists(unsafe number(signature), "GetNumSignatureOutputs") else { return 1 }
        unsafe count?.pointee = fake.outputs.count
        return 0
      }
    }
    unsafe table.GetSignatureInputTensorByIndex = { signature, index, target in
      let (status, handle) = unsafe fake.give(
        "GetSignatureInputTensorByIndex", .tensor, owners: [number(signature)], to: target)
      if let handle { fake.tensorsByHandle[handle] = fake.inputs[index] }
      return status
    }
    unsafe table.GetSignatureOutputTensorByIndex = { signature, index, target in
      let (status, handle) = unsafe fake.give(
        "GetSignatureOutputTensorByIndex", .tensor, owners: [number(signature)], to: target)
      if let handle { fake.tensorsByHandle[handle] = fake.outputs[index] }
      return status
    }
  }

  private static func addTensor(to table: inout LiteRtFunctions) {
    unsafe table.GetTensorName = { tensor, target in
      unsafe fake.describe("GetTensorName", tensor) { tensor in
        unsafe target?.pointee = tensor.name.map {
          unsafe UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self)
        }
      }
    }
    unsafe table.GetTensorTypeId = { tensor, target in
      unsafe fake.describe("GetTensorTypeId", tensor) { tensor in
        unsafe target?.pointee = tensor.isRanked ? 0 : 1
      }
    }
    unsafe table.GetRankedTensorType = { tensor, target in
      unsafe fake.describe("GetRankedTensorType", tensor) { tensor in
        unsafe target?.pointee.element_type = tensor.elementType
        unsafe target?.pointee.layout = tensor.layout
      }
    }
    unsafe table.GetQuantizationTypeId = { tensor, target in
      unsafe fake.describe("GetQuantizationTypeId", tensor) { tensor in
        unsafe target?.pointee = tensor.quantization == nil ? 0 : 1
      }
    }
    unsafe table.GetPerTensorQuantization = { tensor, target in
      unsafe fake.describe("GetPerTensorQuantization", tensor) { tensor in
        unsafe target?.pointee = LiteRtQuantizationPerTensor(
          scale: tensor.quantization?.scale ?? 0, zero_point: tensor.quantization?.zeroPoint ?? 0)
      }
    }
  }

  private static func addOptions(to table: inout LiteRtFunctions) {
    unsafe table.CreateOptions = {
      unsafe fake.give("CreateOptions", .options, owners: [], to: $0).status
    }
    unsafe table.DestroyOptions = { options in
      fake.destroy("DestroyOptions", unsafe number(options), .options)
      fake.freePayloads(of: unsafe number(options))
    }
    unsafe table.SetOptionsHardwareAccelerators = { options, mask in
      fake.perform("SetOptionsHardwareAccelerators") {
        guard fake.exists(unsafe number(options), "SetOptionsHardwareAccelerators") else {
          return 1
        }
        fake.accelerators.append(mask)
        return 0
      }
    }
    unsafe table.CreateOpaqueOptions = { identifier, payload, destructor, target in
      let (status, handle) = unsafe fake.give(
        "CreateOpaqueOptions", .opaqueOptions, owners: [], to: target)
      if let handle, let identifier = unsafe identifier, let payload = unsafe payload,
        let destructor = unsafe destructor
      {
        let text = unsafe String(cString: payload.assumingMemoryBound(to: CChar.self))
        fake.optionTexts.append((unsafe String(cString: identifier), text))
        fake.payloads[handle] = unsafe Payload(
          memory: UInt(bitPattern: payload), destructor: destructor)
      }
      return status
    }
    unsafe table.AddOpaqueOptions = { options, opaque in
      fake.perform("AddOpaqueOptions") {
        guard let owner = unsafe number(options), fake.exists(owner, "AddOpaqueOptions"),
          let child = unsafe number(opaque), fake.exists(child, "AddOpaqueOptions")
        else { return 1 }
        fake.adopt(child)
        fake.ownedOptions[owner, default: []].append(child)
        return 0
      }
    }
    unsafe table.DestroyOpaqueOptions = { opaque in
      fake.destroy("DestroyOpaqueOptions", unsafe number(opaque), .opaqueOptions)
      fake.freePayload(of: unsafe number(opaque))
    }
  }

  private static func addCompiledModel(to table: inout LiteRtFunctions) {
    unsafe table.CreateCompiledModel = { environment, model, options, target in
      guard fake.exists(unsafe number(options), "CreateCompiledModel") else { return 1 }
      return unsafe fake.give(
        "CreateCompiledModel", .compiledModel, owners: [number(environment), number(model)],
        to: target
      ).status
    }
    unsafe table.DestroyCompiledModel = {
      fake.destroy("DestroyCompiledModel", unsafe number($0), .compiledModel)
    }
    unsafe table.GetCompiledModelInputTensorLayout = { compiledModel, _, index, target in
      unsafe fake.onModel("GetCompiledModelInputTensorLayout", compiledModel) {
        unsafe target?.pointee = fake.inputs[index].layout
      }
    }
    unsafe table.GetCompiledModelOutputTensorLayouts = { compiledModel, _, count, target, update in
      fake.layoutUpdates.append(update)
      return unsafe fake.onModel("GetCompiledModelOutputTensorLayouts", compiledModel) {
        for index in 0..<count {
          let layout =
            fake.updatedLayouts.map { LiteRtLayout(dimensions: $0[index]) }
            ?? fake.outputs[index].layout
          unsafe target?[index] = layout
        }
      }
    }
    unsafe table.CompiledModelResizeInputTensor = { compiledModel, _, index, dimensions, rank in
      let shape = (0..<rank).map { unsafe dimensions?[$0] ?? 0 }
      fake.resizes.append(shape)
      return unsafe fake.onModel("CompiledModelResizeInputTensor", compiledModel) {
        fake.inputs[index].dimensions = shape
      }
    }
  }

  private static func addRequirements(to table: inout LiteRtFunctions) {
    unsafe table.GetCompiledModelInputBufferRequirements = { compiledModel, _, index, target in
      let (status, handle) = unsafe fake.give(
        "GetCompiledModelInputBufferRequirements", .requirements, owners: [number(compiledModel)],
        to: target)
      if let handle { fake.tensorsByHandle[handle] = fake.inputs[index] }
      return status
    }
    unsafe table.GetCompiledModelOutputBufferRequirements = { compiledModel, _, index, target in
      let (status, handle) = unsafe fake.give(
        "GetCompiledModelOutputBufferRequirements", .requirements, owners: [number(compiledModel)],
        to: target)
      if let handle {
        var tensor = fake.outputs[index]
        if let layouts = fake.updatedLayouts { tensor.dimensions = layouts[index] }
        fake.tensorsByHandle[handle] = tensor
      }
      return status
    }
    unsafe table.GetTensorBufferRequirementsBufferSize = { requirements, target in
      unsafe fake.describe("GetTensorBufferRequirementsBufferSize", requirements) { tensor in
        let elementSize = tensor.elementType == 1 ? 4 : 1
        let product = tensor.dimensions.reduce(elementSize) { $0 &* Int($1) }
        unsafe target?.pointee = product + fake.additionalRequiredBytes
      }
    }
  }

  private static func addRunning(to table: inout LiteRtFunctions) {
    unsafe table.RunCompiledModel = { compiledModel, _, inputCount, inputs, outputCount, outputs in
      let handles =
        (0..<inputCount).map { unsafe number(inputs?[$0]) }
        + (0..<outputCount).map { unsafe number(outputs?[$0]) }
      guard handles.allSatisfy({ fake.exists($0, "RunCompiledModel") }),
        inputCount == fake.inputs.count, outputCount == fake.outputs.count
      else { return 3 }
      return unsafe fake.onModel("RunCompiledModel", compiledModel) {}
    }
    unsafe table.CompiledModelGetErrorMessages = { compiledModel, target in
      switch fake.enter("CompiledModelGetErrorMessages") {
      case .status(let status): return status
      case .null: return 0
      case nil: break
      }
      guard fake.exists(unsafe number(compiledModel), "CompiledModelGetErrorMessages") else {
        return 1
      }
      unsafe target?.pointee = strdup(fake.errorMessages)
      return 0
    }
    unsafe table.CompiledModelClearErrors = {
      unsafe fake.onModel("CompiledModelClearErrors", $0) {}
    }
  }

  private static func addTensorBuffer(to table: inout LiteRtFunctions) {
    unsafe table.CreateTensorBufferFromHostMemory = { type, memory, count, deallocator, target in
      if unsafe deallocator != nil { fake.violations.append("memory is to be freed twice") }
      let (status, handle) = unsafe fake.give(
        "CreateTensorBufferFromHostMemory", .tensorBuffer, owners: [], to: target)
      if handle != nil {
        fake.buffers.append(
          (UInt(bitPattern: memory), count, unsafe type?.pointee.layout.list ?? []))
      }
      return status
    }
    unsafe table.DestroyTensorBuffer = {
      fake.destroy("DestroyTensorBuffer", unsafe number($0), .tensorBuffer)
    }
  }

  // MARK: Steps that several functions share

  /// Notes a call about a tensor, or about the requirements for one, and answers it.
  private func describe<Object>(
    _ function: String, _ handle: UnsafeMutablePointer<Object>?, _ body: (FakeTensor) -> Void
  ) -> Int32 {
    perform(function) {
      guard let handle = unsafe number(handle), exists(handle, function),
        let tensor = tensorsByHandle[handle]
      else { return 1 }
      body(tensor)
      return 0
    }
  }

  /// Notes a call on a compiled model and answers it.
  private func onModel(
    _ function: String, _ handle: LiteRtCompiledModel?, _ body: () -> Void
  ) -> Int32 {
    perform(function) {
      guard exists(unsafe number(handle), function) else { return 1 }
      body()
      return 0
    }
  }

  private func freePayloads(of options: UInt?) {
    guard let options else { return }
    for child in ownedOptions.removeValue(forKey: options) ?? [] { freePayload(of: child) }
  }

  /// Frees the text of opaque options as their creator asked for.
  private func freePayload(of opaque: UInt?) {
    guard let opaque, let payload = payloads.removeValue(forKey: opaque) else { return }
    unsafe payload.destructor(UnsafeMutableRawPointer(bitPattern: payload.memory))
  }
}

/// The fake that the functions of the table stand for at the moment.
private var fake: FakeRuntime { FakeRuntime.current }

/// A handle as a number, or `nil` for NULL.
private func number<Object>(_ handle: UnsafeMutablePointer<Object>?) -> UInt? {
  unsafe handle.map { UInt(bitPattern: $0) }
}
