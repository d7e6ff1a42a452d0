import EmbedderStorage

/// Writes a derived file of small pictures, which appears whole or not at all.
///
/// One that is there is replaced only if it is ours by its first bytes.
final class PictureFileWriter {
  private let file: PendingFile
  private let settings: UInt32
  private var buffer: [UInt8] = []
  private var offset = PictureFile.headerByteCount
  private var table: [UInt8] = []
  private var count = 0

  /// Begins a file; its folder is made where it is missing.
  ///
  /// - Throws: ``DuplicateError/foreignFile(path:)``, or ``DuplicateError/file(_:)`` where nothing can be
  ///   written there.
  init(_ path: PathBytes, settings: UInt32) throws(DuplicateError) {
    self.settings = settings
    file = try DerivedFile.pending(path, magic: PictureFile.magic)
  }

  /// Adds a small picture and what is known of it.
  func append(_ record: PictureRecord, _ pixels: [UInt8]) throws(DuplicateError) {
    buffer += pixels
    table += record.bytes
    count += 1
    if buffer.count >= 1 << 20 { try drain() }
  }

  /// Completes the file and gives it its name.
  func finish() throws(DuplicateError) {
    try drain()
    try put(table, at: offset)
    try put(PictureFile.header(settings: settings, count: count, table: table), at: 0)
    do throws(FileError) {
      try file.finish()
    } catch {
      throw .file(error)
    }
  }

  private func drain() throws(DuplicateError) {
    try put(buffer, at: offset)
    offset += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: [UInt8], at offset: Int) throws(DuplicateError) {
    do throws(FileError) {
      try unsafe file.write(bytes.span.bytes, at: offset)
    } catch {
      throw .file(error)
    }
  }
}
