import BatchEmbedding
import EmbedderPlatform
public import EmbedderStorage

extension MoveScript {
  /// Writes the script to a file, which appears whole or not at all.
  ///
  /// - Parameter path: The file. A script of this kind that is there is replaced, and nothing else is.
  /// - Throws: ``DuplicateError/foreignFile(path:)`` where another file has the name;
  ///   ``DuplicateError/file(_:)`` for one that cannot be written.
  public func write(to path: PathBytes) throws(DuplicateError) {
    try Self.checkReplaceable(path)
    do throws(FileError) {
      try unsafe writeWholeFile(bytes.span.bytes, at: path)
    } catch {
      throw .file(error)
    }
  }

  /// Holds what has the name of a script against what may be replaced: a script, an empty file, or nothing.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``DuplicateError/foreignFile(path:)`` where it is another file, or none.
  package static func checkReplaceable(_ path: PathBytes) throws(DuplicateError) {
    guard let status = fileStatus(of: path) else { return }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .foreignFile(path: path.description) }
    guard status.st_size > 0 else { return }
    do throws(FileError) {
      let file = try readFile(at: path, limit: .max) { start in
        unsafe start.withUnsafeBytes { bytes in
          let text = unsafe String(decoding: bytes, as: UTF8.self)
          return text.hasPrefix(frame.beforeCount) && text.contains(authorLine)
        }
      }
      if file == nil { throw FileError.notAFile(path: path.description, kind: "no script") }
    } catch .notAFile {
      throw .foreignFile(path: path.description)
    } catch {
      throw .file(error)
    }
  }

  /// What every script says of itself.
  private static let authorLine = "# Written by image-embedder duplicates."
}
