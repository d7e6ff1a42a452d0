import CEmbedderLiteRt

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The part of the table that serves compiled models and their buffers.
extension FakeRuntime {
  static func addCompiledModel(to table: inout LiteRtFunctions) {
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

  static func addRequirements(to table: inout LiteRtFunctions) {
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

  static func addRunning(to table: inout LiteRtFunctions) {
    unsafe table.RunCompiledModel = { compiledModel, _, inputCount, inputs, outputCount, outputs in
      let handles =
        (0..<inputCount).map { unsafe number(inputs?[$0]) }
        + (0..<outputCount).map { unsafe number(outputs?[$0]) }
      guard handles.allSatisfy({ fake.exists($0, "RunCompiledModel") }),
        inputCount == fake.inputs.count, outputCount == fake.outputs.count
      else { return 3 }
      return unsafe fake.onModel("RunCompiledModel", compiledModel) {
        guard let byte = fake.writtenByte else { return }
        for handle in handles.dropFirst(inputCount) {
          guard let handle, let memory = fake.memoryByHandle[handle] else { continue }
          unsafe UnsafeMutableRawPointer(bitPattern: memory.address)?.initializeMemory(
            as: UInt8.self, repeating: byte, count: memory.byteCount)
        }
      }
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
    unsafe table.CompiledModelIsFullyAccelerated = { model, target in
      unsafe fake.onModel("CompiledModelIsFullyAccelerated", model) {
        unsafe target?.pointee = fake.isFullyAccelerated
      }
    }
    unsafe table.CompiledModelClearErrors = {
      unsafe fake.onModel("CompiledModelClearErrors", $0) {}
    }
  }

  static func addTensorBuffer(to table: inout LiteRtFunctions) {
    unsafe table.CreateTensorBufferFromHostMemory = { type, memory, count, deallocator, target in
      if unsafe deallocator != nil { fake.violations.append("memory is to be freed twice") }
      let (status, handle) = unsafe fake.give(
        "CreateTensorBufferFromHostMemory", .tensorBuffer, owners: [], to: target)
      if let handle {
        fake.memoryByHandle[handle] = (UInt(bitPattern: memory), count)
        fake.buffers.append(
          (UInt(bitPattern: memory), count, unsafe type?.pointee.layout.list ?? []))
      }
      return status
    }
    unsafe table.DestroyTensorBuffer = {
      fake.destroy("DestroyTensorBuffer", unsafe number($0), .tensorBuffer)
    }
  }
}
