import BatchEmbedding
import CArchive
import ImageEmbedding
import ImageFiles
import Storage

/// The files in a tar archive, such as a WebDataset shard, compressed or not; nothing is unpacked to
/// disk.
///
/// One file at a time is in memory. An archive that is cut short gives what is whole, then one item that
/// says so.
@safe
struct TarArchive: ~Copyable {
  private let path: PathBytes
  private let filter: InputFilter
  private let byteLimit: Int
  private var handle: OpaquePointer?

  private static let blockByteCount = 1 << 20

  init(_ path: PathBytes, filter: InputFilter, byteLimit: Int) {
    self.path = path
    self.filter = filter
    self.byteLimit = byteLimit
    unsafe handle = archive_read_new()
    unsafe archive_read_support_filter_all(handle)
    unsafe archive_read_support_format_tar(handle)
  }

  deinit {
    unsafe archive_read_free(handle)
  }

  private var isOpen = false

  mutating func next() -> BatchItem? {
    guard unsafe handle != nil else { return nil }
    if !isOpen {
      let status = unsafe path.withCString {
        unsafe archive_read_open_filename(handle, $0, Self.blockByteCount)
      }
      guard status == ARCHIVE_OK else { return failure(of: path) }
      isOpen = true
    }
    while true {
      var entry: OpaquePointer?
      let status = unsafe archive_read_next_header(handle, &entry)
      if status == ARCHIVE_EOF { return end() }
      guard status >= ARCHIVE_WARN, let entry = unsafe entry else { return failure(of: path) }
      let isFile = unsafe archive_entry_filetype(entry) & Self.typeMask == Self.regularFile
      guard isFile, let name = unsafe Self.name(of: entry), takes(name) else { continue }
      return item(path.appending(name))
    }
  }

  private static let typeMask: UInt32 = 0o170000
  private static let regularFile: UInt32 = 0o100000

  /// The entry's name as bytes; the library has it in one form or another.
  private static func name(of entry: OpaquePointer) -> PathBytes? {
    let name = unsafe archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)
    guard let name = unsafe name else { return nil }
    var bytes: [UInt8] = []
    while case let byte = unsafe name[bytes.count], byte != 0 {
      bytes.append(UInt8(bitPattern: byte))
    }
    return PathBytes(bytes)
  }

  private func takes(_ name: PathBytes) -> Bool {
    let slash = UInt8(ascii: "/")
    let parts = name.bytes.split(separator: slash).filter { $0 != [UInt8(ascii: ".")] }
    guard !parts.contains(where: { filter.ignores(name: PathBytes($0)) }) else { return false }
    // As of a folder, everything in a folder that is left out is left out.
    let paths = parts.indices.map { PathBytes(parts[...$0].joined(separator: [slash])) }
    guard let path = paths.last, !paths.dropLast().contains(where: filter.excludesAll) else {
      return false
    }
    return filter.takes(path)
  }

  /// Reads the current entry.
  private mutating func item(_ path: PathBytes) -> BatchItem {
    var bytes: [UInt8] = []
    while true {
      var block: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let status = unsafe archive_read_data_block(handle, &block, &count, &offset)
      if status == ARCHIVE_EOF { break }
      guard status >= ARCHIVE_WARN else { return failure(of: path, "read") }
      guard offset >= bytes.count, offset <= byteLimit - count else {
        return BatchItem(
          path: path,
          content: .unreadable(
            .image(
              path: path.description,
              .tooManyBytes(found: Int(offset) &+ count, limit: byteLimit))),
          isFound: true)
      }
      // Holes of sparse files are zeros.
      bytes.append(contentsOf: repeatElement(0, count: Int(offset) - bytes.count))
      unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: block, count: count))
    }
    return BatchItem(path: path, content: .encoded(bytes), isFound: true)
  }

  /// The item that says what is wrong; nothing more can be read after it.
  private mutating func failure(
    of path: PathBytes, _ operation: String = "read the archive"
  ) -> BatchItem {
    let reason = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
    let error = FileError.system(
      path: path.description, operation: operation, errno: unsafe archive_errno(handle),
      reason: reason ?? "unknown reason")
    end()
    return BatchItem(
      path: path, content: .unreadable(.image(path: path.description, .file(error))), isFound: true)
  }

  @discardableResult
  private mutating func end() -> BatchItem? {
    unsafe archive_read_free(handle)
    unsafe handle = nil
    return nil
  }
}
