import EmbedderModelMetadata
import EmbedderPlatform
import EmbedderStorage

/// The bytes of a model, and which member of a bundle they are.
struct LoadedModel {
  let bytes: SharedBytes
  /// The member's name, or `nil` for a model that is in no bundle.
  let member: String?
}

extension ModelSource {
  /// The largest file that is read: the runtime counts in 32 bits.
  static let largestByteCount = Int(Int32.max)

  /// Reads the model, of a bundle the one that is meant.
  ///
  /// - Parameters:
  ///   - limit: The largest file that is read.
  ///   - options: What a model of a bundle has to be usable with.
  /// - Returns: The model's bytes.
  /// - Throws: ``EmbedderError`` for a file that cannot be read, or a bundle without the model.
  func load(
    limit: Int = largestByteCount, with options: ImageEmbedder.Options
  ) throws(EmbedderError) -> LoadedModel {
    let (bytes, member) = try content(limit: limit)
    guard !ModelBundle.isModel(bytes.bytes), ModelBundle.isBundle(bytes.bytes) else {
      if let member {
        let name = String(decoding: member, as: UTF8.self)
        throw .bundle(model: description, .notABundle(member: name))
      }
      return LoadedModel(bytes: bytes, member: nil)
    }
    do throws(BundleError) {
      let bundle = try ModelBundle(reading: bytes.bytes)
      if let member {
        return LoadedModel(
          bytes: try bundle.member(named: member), member: String(decoding: member, as: UTF8.self))
      }
      let only = try bundle.onlyModel { candidate in
        let model = LoadedModel(bytes: candidate, member: nil)
        guard let info = try? ModelInfo(of: options, model) else {
          return false
        }
        return info.firstError == nil
      }
      return LoadedModel(bytes: only.bytes, member: only.name)
    } catch {
      throw .bundle(model: description, error)
    }
  }

  /// The bytes of the file or the memory, and what is asked for inside.
  private func content(limit: Int) throws(EmbedderError) -> (bytes: SharedBytes, member: [UInt8]?) {
    switch self {
    case .builtIn(let model):
      if model.isInside { return (model.bytes, nil) }
      return (try Self.read(PathBytes(model.pathBeside), limit: limit), nil)
    case .file(let path):
      return try Self.content(of: PathBytes(path), limit: limit)
    case .fileOfBytes(let path):
      return try Self.content(of: path, limit: limit)
    case .bytes(let array):
      do {
        // The runtime wants 64-byte alignment, which an array does not promise.
        return (SharedBytes(try AlignedBuffer(copying: array)), nil)
      } catch {
        throw .outOfMemory(error)
      }
    }
  }

  private static func content(
    of path: PathBytes, limit: Int
  ) throws(EmbedderError) -> (bytes: SharedBytes, member: [UInt8]?) {
    if !exists(path) {
      for place in path.bytes.indices where path.bytes[place] == UInt8(ascii: "#") {
        let file = PathBytes(path.bytes[..<place])
        if exists(file, isRegular: true) {
          return (try read(file, limit: limit), Array(path.bytes[(place + 1)...]))
        }
      }
    }
    return (try read(path, limit: limit), nil)
  }

  private static func read(_ path: PathBytes, limit: Int) throws(EmbedderError) -> SharedBytes {
    do {
      return SharedBytes(try readFile(at: path, limit: limit))
    } catch {
      throw .modelFile(error)
    }
  }

  private static func exists(_ path: PathBytes, isRegular: Bool = false) -> Bool {
    guard let status = fileStatus(of: path) else { return false }
    return !isRegular || status.st_mode & S_IFMT == S_IFREG
  }
}
