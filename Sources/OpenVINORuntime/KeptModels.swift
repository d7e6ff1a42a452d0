import EmbedderPlatform
package import EmbedderStorage

/// Models as OpenVINO compiled them, kept in a folder of the user's from one process to the next.
///
/// Nothing depends on the folder. What cannot be read, is not whole or was made of something else is as
/// good as not there, and what cannot be written is not kept.
package struct KeptModels: Sendable {
  /// The environment variable that names another folder, or `none`.
  package static let environmentVariable = "IMAGE_EMBEDDER_OPENVINO_MODELS"

  /// What a model was compiled from and for.
  struct Key {
    /// Another text is another model.
    let description: String

    /// The description's hash, by which the file's content is told as well.
    var hash: UInt64 {
      let bytes = SharedBytes(Array(description.utf8))
      return xxHash64(of: bytes.bytes)
    }
  }

  private let folder: PathBytes
  /// The most bytes that the folder holds; the models that were not used for the longest time go first.
  private let byteLimit: Int

  /// Keeps models in a folder, which is made when there is one to keep.
  package init(folder: PathBytes, byteLimit: Int = 512 << 20) {
    self.folder = folder
    self.byteLimit = byteLimit
  }

  /// Those that this user's programs share; `nil` where none are to be kept, or nobody knows where.
  package static func ofUser() -> KeptModels? {
    let chosen = environmentPath(environmentVariable)
    guard chosen != "none" else { return nil }
    let usual = cacheFolder().map { PathBytes("\($0)/openvino-models") }
    return (chosen ?? usual).map { KeptModels(folder: $0) }
  }

  /// Calls `body` with a model that is kept, whole and of this key.
  ///
  /// - Returns: What `body` returns, or `nil` where there is none.
  func withModel<Result>(_ key: Key, _ body: (RawSpan) -> Result?) -> Result? {
    guard isOurs else { return nil }
    let path = path(key)
    let content: SharedBytes
    do throws(FileError) {
      let file = try readFile(
        at: path, limit: byteLimit, writerTimeout: 0, where: { _ in true })
      guard let file else { return nil }
      content = SharedBytes(file)
    } catch {
      return nil
    }
    let bytes = content.bytes
    let count = bytes.byteCount - Self.sealByteCount
    guard count > 0 else { return nil }
    let model = bytes.extracting(first: count)
    let seal = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: count, as: UInt64.self)
    guard UInt64(littleEndian: seal) == xxHash64(of: model, seed: key.hash) else { return nil }
    // Used just now.
    _ = unsafe path.withCString { unsafe utimensat(AT_FDCWD, $0, nil, 0) }
    return body(model)
  }

  /// Keeps a model.
  ///
  /// - Parameters:
  ///   - key: What it was compiled from and for.
  ///   - export: Writes it to a file that is there, and tells whether that went well.
  func keep(_ key: Key, export: (UnsafePointer<CChar>) -> Bool) {
    makeFolder()
    guard isOurs else { return }
    let path = path(key)
    do throws(FileError) {
      let (temporary, descriptor) = try makeTemporaryFile(for: path, named: path)
      defer { close(descriptor) }
      // Not flushed: what a loss of power leaves is not whole, which is seen.
      unsafe temporary.withCString { name in
        let isWhole = unsafe export(name) && seal(temporary, descriptor, key)
        let isKept = unsafe isWhole && path.withCString { unsafe rename(name, $0) } == 0
        if !isKept { _ = unsafe unlink(name) }
      }
    } catch {
      return
    }
    removeOldest()
  }

  /// Removes a model that turned out to be another.
  func remove(_ key: Key) {
    unsafe path(key).withCString { _ = unsafe unlink($0) }
  }

  /// Writes behind a model by what it is known to be whole, and whose it is.
  private func seal(
    _ path: PathBytes, _ descriptor: CInt, _ key: Key
  ) -> Bool {
    guard let file = try? SharedBytes(readFile(at: path, limit: byteLimit / 2)) else {
      return false
    }
    var hash = xxHash64(of: file.bytes, seed: key.hash).littleEndian
    return unsafe pwrite(descriptor, &hash, Self.sealByteCount, off_t(file.bytes.byteCount))
      == Self.sealByteCount
  }

  private static let sealByteCount = 8

  private func path(_ key: Key) -> PathBytes {
    folder.appending(PathBytes("\(String(key.hash, radix: 16)).model"))
  }

  /// Makes the folder, and the two above it, where they are missing.
  private func makeFolder() {
    let parts = folder.bytes.indices.filter { $0 > 0 && folder.bytes[$0] == UInt8(ascii: "/") }
    for end in parts.suffix(2) + [folder.bytes.count] {
      unsafe PathBytes(folder.bytes[..<end]).withCString { _ = unsafe mkdir($0, 0o700) }
    }
  }

  /// Whether nobody else can have put into the folder what is in it.
  private var isOurs: Bool {
    guard let status = fileStatus(of: folder) else { return false }
    return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
      && status.st_mode & 0o022 == 0
  }

  private func removeOldest() {
    var models: [(path: PathBytes, byteCount: Int, seconds: Int)] = []
    for name in names(in: folder) where name.bytes.suffix(6) == Array(".model".utf8)[...] {
      let path = folder.appending(name)
      guard let status = fileStatus(of: path, followsLinks: false) else { continue }
      #if canImport(Darwin)
      let time = status.st_mtimespec
      #else
      let time = status.st_mtim
      #endif
      models.append((path, Int(status.st_size), Int(time.tv_sec)))
    }
    var total = models.reduce(0) { $0 + $1.byteCount }
    for model in models.sorted(by: { $0.seconds < $1.seconds }) where total > byteLimit {
      unsafe model.path.withCString { _ = unsafe unlink($0) }
      total -= model.byteCount
    }
  }
}
