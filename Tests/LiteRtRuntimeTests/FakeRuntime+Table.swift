import CEmbedderLiteRt

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
    unsafe table.EnvironmentHasGpuEnvironment = { environment, target in
      guard fake.exists(unsafe number(environment), "EnvironmentHasGpuEnvironment") else { return }
      unsafe target?.pointee = fake.hasGraphicsCard
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

  // MARK: Steps that several functions share

  /// Notes a call about a tensor, or about the requirements for one, and answers it.
  func describe<Object>(
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
  func onModel(
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
var fake: FakeRuntime { FakeRuntime.current }

/// A handle as a number, or `nil` for NULL.
func number<Object>(_ handle: UnsafeMutablePointer<Object>?) -> UInt? {
  unsafe handle.map { UInt(bitPattern: $0) }
}
