public import EmbedderStorage

/// Where a model comes from.
@nonexhaustive
public enum ModelSource: Hashable, Sendable {
  /// A model inside the library.
  case builtIn(BuiltInModel)
  /// A TFLite file, read into memory when an embedder is made.
  case file(path: String)
  /// The same, where the name is no text.
  case fileOfBytes(path: PathBytes)
  /// The content of a TFLite file.
  case bytes([UInt8])

  /// The built-in model of that name, or else the file at that path.
  public init(_ nameOrPath: String) {
    self.init(PathBytes(nameOrPath))
  }

  /// The built-in model of that name, or else the file at that path, whose name need not be text.
  public init(_ nameOrPath: PathBytes) {
    self =
      nameOrPath.text.flatMap(BuiltInModel.init(rawValue:)).map(Self.builtIn)
      ?? nameOrPath.text.map(Self.file) ?? .fileOfBytes(path: nameOrPath)
  }

  /// The largest file that is read: the runtime counts in 32 bits.
  private static let largestByteCount = Int(Int32.max)

  /// The file that holds the model, or `nil` for one in memory.
  var path: PathBytes? {
    switch self {
    case .builtIn(let model): model.isInside ? nil : PathBytes(model.pathBeside)
    case .file(let path): PathBytes(path)
    case .fileOfBytes(let path): path
    case .bytes: nil
    }
  }

  /// The model's bytes.
  ///
  /// - Parameter limit: The largest file that is read.
  func load(limit: Int = largestByteCount) throws(EmbedderError) -> SharedBytes {
    switch self {
    case .builtIn(let model):
      guard model.isInside else {
        return try Self.load(PathBytes(model.pathBeside), limit: limit)
      }
      return model.bytes
    case .file(let path):
      return try Self.load(PathBytes(path), limit: limit)
    case .fileOfBytes(let path):
      return try Self.load(path, limit: limit)
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

extension ModelSource {
  private static func load(_ path: PathBytes, limit: Int) throws(EmbedderError) -> SharedBytes {
    do {
      return SharedBytes(try readFile(at: path, limit: limit))
    } catch {
      throw .modelFile(error)
    }
  }
}

extension ModelSource: CustomStringConvertible {
  /// The built-in name, the path, or the number of bytes.
  public var description: String {
    switch self {
    case .builtIn(let model): model.rawValue
    case .file(let path): path
    case .fileOfBytes(let path): path.description
    case .bytes(let array): "\(array.count) bytes in memory"
    }
  }
}
