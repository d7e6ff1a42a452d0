import Storage

/// Where a model comes from.
@nonexhaustive
public enum ModelSource: Hashable, Sendable {
  /// A model inside the library.
  case builtIn(BuiltInModel)
  /// A TFLite file, read into memory when an embedder is made.
  case file(path: String)
  /// The content of a TFLite file.
  case bytes([UInt8])

  /// The built-in model of that name, or else the file at that path.
  public init(_ nameOrPath: String) {
    self = BuiltInModel(rawValue: nameOrPath).map(Self.builtIn) ?? .file(path: nameOrPath)
  }

  /// The largest file that is read: the runtime counts in 32 bits.
  private static let largestByteCount = Int(Int32.max)

  /// The model's bytes.
  func load() throws(EmbedderError) -> SharedBytes {
    switch self {
    case .builtIn(let model):
      return model.isInside ? model.bytes : try ModelSource.file(path: model.pathBeside).load()
    case .file(let path):
      do {
        return SharedBytes(try readFile(at: PathBytes(path), limit: Self.largestByteCount))
      } catch {
        throw .modelFile(error)
      }
    case .bytes(let array):
      do {
        // The runtime wants 64-byte alignment, which an array does not promise.
        return SharedBytes(try AlignedBuffer(copying: array))
      } catch {
        throw .outOfMemory(error)
      }
    }
  }
}

extension ModelSource: CustomStringConvertible {
  /// The built-in name, the path, or the number of bytes.
  public var description: String {
    switch self {
    case .builtIn(let model): model.rawValue
    case .file(let path): path
    case .bytes(let array): "\(array.count) bytes in memory"
    }
  }
}
