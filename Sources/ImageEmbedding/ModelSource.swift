public import EmbedderStorage

/// Where a model comes from.
///
/// A file, or the content of one, may be a bundle of MediaPipe (`.task`): of one model it is that, of
/// several the only one that can be used, or the one whose name stands behind `#` in the path:
/// `bundle.task#model.tflite`. A file that has such a name itself comes first.
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

  /// The file that holds the model, or `nil` for one in memory.
  var path: PathBytes? {
    switch self {
    case .builtIn(let model): model.isInside ? nil : PathBytes(model.pathBeside)
    case .file(let path): PathBytes(path)
    case .fileOfBytes(let path): path
    case .bytes: nil
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
