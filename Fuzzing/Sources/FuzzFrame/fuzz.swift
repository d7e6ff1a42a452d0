import ImageEmbedding

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Frames: any format, size, stride, region and orientation is embedded or refused, and nothing is read
/// outside the frame's bytes.
///
/// libyuv is not instrumented, so each plane ends right before memory that cannot be read.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var input = unsafe Input(rest: Array(UnsafeBufferPointer(start: start, count: count)))
  guard let embedder = unsafe embedders[Int(input.byte()) % embedders.count] else { return 0 }
  let format = PixelFormat.allCases[Int(input.byte()) % PixelFormat.allCases.count]
  let orientation = Orientation.allCases[Int(input.byte()) % 8]
  let (width, height) = (input.side(), input.side())
  let region = RegionOfInterest(
    x: input.offset(), y: input.offset(), width: input.side(), height: input.side())
  let usesRegion = input.byte() > 100
  let planeCount = input.byte() % 3
  let stride = input.byte() > 128 ? Int(input.byte()) * 8 : nil
  let chromaStride = input.byte() > 128 ? Int(input.byte()) * 8 : nil
  let sizes = (0..<3).map { _ in input.byteCount(width: width, height: height) }
  let first = GuardedBytes(byteCount: sizes[0], seed: input.byte())
  let second = GuardedBytes(byteCount: sizes[1], seed: input.byte())
  let third = GuardedBytes(byteCount: sizes[2], seed: input.byte())
  do {
    let frame: FrameView
    switch planeCount {
    case 0:
      frame = try FrameView(
        bytes: first.bytes, width: width, height: height, format: format,
        orientation: orientation, rowStride: stride)
    case 1:
      frame = try FrameView(
        luma: first.bytes, chroma: second.bytes, width: width, height: height,
        format: format, orientation: orientation, lumaRowStride: stride,
        chromaRowStride: chromaStride)
    default:
      frame = try FrameView(
        y: first.bytes, u: second.bytes, v: third.bytes, width: width, height: height,
        orientation: orientation, lumaRowStride: stride, chromaRowStride: chromaStride,
        chromaPixelStride: Int(input.byte() % 4))
    }
    let result = try embedder.embed(frame, in: usesRegion ? region : nil)
    #if PLANTED_DEFECT
    if orientation == .leftBottom { fatalError("planted") }
    #endif
    precondition(!result.embeddings.isEmpty)
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}

/// Embedders whose vectors are the pixels, small and odd-sized, made once.
nonisolated(unsafe) private let embedders: [ImageEmbedder?] = {
  guard let folder = unsafe getenv("FUZZ_MODELS") else { return [nil] }
  let names = ["identity_uint8_8x6", "identity_uint8_7x5", "identity_uint8_32x24", "dynamic_uint8"]
  return PreprocessingPreset.allCases.flatMap { preset in
    names.map { name in
      var options = unsafe ImageEmbedder.Options(
        model: .file(path: "\(String(cString: folder))/\(name).tflite"))
      options.preset = preset
      return try? ImageEmbedder(options: options)
    }
  }
}()

/// The fuzzer's bytes, taken from the front; zeros when they are used up.
private struct Input {
  var rest: [UInt8]
  var position = 0

  mutating func byte() -> UInt8 {
    defer { position += 1 }
    return rest.indices.contains(position) ? rest[position] : 0
  }

  mutating func side() -> Int {
    let value = Int(byte())
    switch value {
    case 250: return 0
    case 251: return -1
    case 252: return 40_000
    case 253: return .max
    case 254: return 32_768
    default: return value
    }
  }

  mutating func offset() -> Int {
    let value = Int(byte())
    switch value {
    case 252: return -1
    case 253: return .max
    case 254: return .min
    default: return value / 2
    }
  }

  /// About as many bytes as a frame needs: often enough, sometimes just too few.
  mutating func byteCount(width: Int, height: Int) -> Int {
    let kind = byte()
    guard (1...300).contains(width), (1...300).contains(height) else { return Int(kind) }
    let pixels = width * height
    let need = [pixels, pixels * 3, pixels * 4, pixels * 2, pixels * 3 / 2 + width + height + 2]
    return max(1, need[Int(kind) % need.count] - Int(kind >> 6))
  }
}

/// Bytes that end where readable memory ends.
@safe
private final class GuardedBytes {
  private let mapping: UnsafeMutableRawPointer
  private let mappingByteCount: Int
  private let byteCount: Int

  init(byteCount: Int, seed: UInt8) {
    let page = 4096
    let readable = (byteCount + page - 1) / page * page
    mappingByteCount = readable + page
    unsafe mapping = mmap(
      nil, mappingByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    self.byteCount = byteCount
    let start = unsafe mapping + (readable - byteCount)
    for index in 0..<byteCount {
      unsafe start.storeBytes(
        of: UInt8(truncatingIfNeeded: index &* 31 &+ Int(seed)), toByteOffset: index,
        as: UInt8.self)
    }
    unsafe mprotect(mapping + readable, page, PROT_NONE)
  }

  deinit {
    unsafe munmap(mapping, mappingByteCount)
  }

  var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let start = unsafe mapping + (mappingByteCount - 4096 - byteCount)
      return unsafe _overrideLifetime(
        RawSpan(_unsafeStart: start, byteCount: byteCount), borrowing: self)
    }
  }
}
