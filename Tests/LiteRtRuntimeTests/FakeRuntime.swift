import CEmbedderLiteRt

/// A stand-in for the runtime library: it keeps count of handles, notes every call and fails when told.
///
/// C functions have no place for an object, so the functions of ``table`` reach theirs through a
/// task-local value; tests may run side by side. What is made within ``use(_:)`` must be freed there.
/// One test uses one fake, on one thread.
final class FakeRuntime: @unchecked Sendable {
  /// A call that goes wrong.
  struct Fault: Hashable {
    enum Outcome: Hashable {
      /// The function gives this status.
      case status(Int32)
      /// The function gives the status "ok" and NULL instead of a handle.
      case null
    }

    var function: String
    var outcome: Outcome
    /// Which call of the function, from 1.
    var call = 1
  }

  /// What handles are of.
  enum Kind: String {
    case environment, model, signature, tensor, options, opaqueOptions, compiledModel, requirements
    case tensorBuffer
  }

  @TaskLocal static var current = FakeRuntime()

  // MARK: What the fake is told

  var faults: [Fault] = []
  var inputs = [FakeTensor(name: "image", elementType: 3, dimensions: [1, 6, 8, 3])]
  var outputs = [FakeTensor(name: "embedding", elementType: 1, dimensions: [1, 144])]
  /// What the outputs' layouts are after an update; `nil` for the outputs' own.
  var updatedLayouts: [[Int32]]?
  /// What is added to the number of bytes that buffers are required to have.
  var additionalRequiredBytes = 0
  /// What a run writes to the outputs; `nil` where it writes nothing.
  var writtenByte: UInt8? = 0
  /// Whether there is a graphics card.
  var hasGraphicsCard = true
  /// Whether a graphics card runs the whole model.
  var isFullyAccelerated = true
  var errorMessages = "a node failed\nfor a reason"

  // MARK: What the fake has seen

  /// The functions called, in order, without their prefix.
  var calls: [String] = []
  /// What was done that the runtime's rules forbid.
  var violations: [String] = []
  /// The options of the environment: tag, type and value.
  var environmentOptions: [[Int64]] = []
  var accelerators: [Int32] = []
  /// The text given under each identifier, in the order in which it was added.
  var optionTexts: [(identifier: String, text: String)] = []
  var layoutUpdates: [Bool] = []
  var buffers: [(address: UInt, byteCount: Int, shape: [Int32])] = []
  var resizes: [[CInt]] = []
  /// The memory of each tensor buffer, by its handle.
  var memoryByHandle: [UInt: (address: UInt, byteCount: Int)] = [:]
  var createdCount = 0

  /// The handles that exist, each with what must outlive it.
  private var live: [UInt: (kind: Kind, owners: [UInt])] = [:]
  /// What the handles of tensors and of buffer requirements stand for.
  var tensorsByHandle: [UInt: FakeTensor] = [:]
  /// The opaque options that options have taken over.
  var ownedOptions: [UInt: [UInt]] = [:]
  /// The texts of opaque options that are not freed yet.
  var payloads: [UInt: Payload] = [:]

  @safe
  struct Payload {
    var memory: UInt
    var destructor: @convention(c) (UnsafeMutableRawPointer?) -> Void
  }

  /// Runs `body` with this fake behind the functions of ``table``.
  @discardableResult
  func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self) { try body() }
  }

  /// The handles that were created and never destroyed.
  var leaks: [String] {
    live.values.filter { ![.signature, .tensor, .requirements].contains($0.kind) }
      .map(\.kind.rawValue).sorted()
  }

  /// The positions in ``calls`` at which `function` was called.
  func positions(of function: String) -> [Int] {
    calls.indices.filter { calls[$0] == function }
  }

  // MARK: What its functions are made of

  /// Notes a call; returns the fault that is planned for it.
  func enter(_ function: String) -> Fault.Outcome? {
    calls.append(function)
    let number = positions(of: function).count
    return faults.first { $0.function == function && $0.call == number }?.outcome
  }

  /// Notes a call that creates nothing and does `body` unless it is to fail.
  func perform(_ function: String, _ body: () -> Int32 = { 0 }) -> Int32 {
    if case .status(let status) = enter(function) { return status }
    return body()
  }

  /// Notes a call that gives a handle of `kind`.
  ///
  /// - Parameters:
  ///   - function: The function's name.
  ///   - kind: What the handle is of.
  ///   - owners: What must exist now and until the handle is destroyed.
  ///   - target: Where the handle goes.
  /// - Returns: The status.
  func give<Object>(
    _ function: String, _ kind: Kind, owners: [UInt?],
    to target: UnsafeMutablePointer<UnsafeMutablePointer<Object>?>?
  ) -> (status: Int32, handle: UInt?) {
    switch enter(function) {
    case .status(let status): return (status, nil)
    case .null: return (0, nil)
    case nil: break
    }
    guard owners.allSatisfy({ exists($0, function) }) else { return (1, nil) }
    createdCount += 1
    let number = UInt(createdCount) << 12
    live[number] = (kind, owners.compactMap(\.self))
    unsafe target?.pointee = UnsafeMutablePointer(bitPattern: number)
    return (0, number)
  }

  /// Notes that a handle is destroyed.
  func destroy(_ function: String, _ handle: UInt?, _ kind: Kind) {
    calls.append(function)
    guard let handle else {
      violations.append("\(function) was given NULL")
      return
    }
    guard live[handle]?.kind == kind else {
      violations.append("\(function) was given something that is not, or no longer, of that kind")
      return
    }
    live[handle] = nil
    for (child, entry) in live where entry.owners.contains(handle) {
      if [.signature, .tensor, .requirements].contains(entry.kind) {
        live[child] = nil
      } else {
        violations.append("\(kind) was destroyed before its \(entry.kind)")
      }
    }
  }

  /// Whether a handle may be used; one that was destroyed, or never given, is noted.
  func exists(_ handle: UInt?, _ function: String) -> Bool {
    guard let handle else { return false }
    if live[handle] == nil { violations.append("\(function) was given a dead handle") }
    return live[handle] != nil
  }

  /// Hands a handle over to the one that frees it from now on.
  func adopt(_ child: UInt) {
    live[child] = nil
  }
}

/// A tensor of the fake's model, in the runtime's numbers.
struct FakeTensor {
  /// The name, or `nil` for NULL.
  var name: StaticString?
  var elementType: Int32
  var dimensions: [Int32]
  var rank: UInt32?
  var isRanked = true
  var quantization: (scale: Float, zeroPoint: Int64)?

  var layout: LiteRtLayout { LiteRtLayout(rank: rank, dimensions: dimensions) }
}

extension LiteRtLayout {
  /// A layout; the rank is the number of dimensions unless another one is claimed.
  init(rank: UInt32? = nil, dimensions list: [Int32]) {
    self.init()
    self.rank = rank ?? UInt32(list.count)
    unsafe withUnsafeMutableBytes(of: &dimensions) { bytes in
      for (index, extent) in list.enumerated() {
        unsafe bytes.storeBytes(of: extent, toByteOffset: index * 4, as: Int32.self)
      }
    }
  }

  /// The extents that are claimed.
  var list: [Int32] {
    unsafe withUnsafeBytes(of: dimensions) { bytes in
      (0..<Int(rank)).map { unsafe bytes.load(fromByteOffset: $0 * 4, as: Int32.self) }
    }
  }
}
