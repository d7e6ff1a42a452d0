import BatchEmbedding
import CEmbedderArchive
import EmbedderImageFiles
import EmbedderPlatform
import EmbedderStorage
import ImageEmbedding

/// The files in a tar archive, such as a WebDataset shard, compressed or not; nothing is unpacked to
/// disk.
///
/// One file at a time is in memory, and of what is no image by its first bytes no more than those. An
/// archive that is cut short gives what is whole, then one item that says so.
@safe
struct TarArchive: ~Copyable {
  private let path: PathBytes
  private let filter: InputFilter
  private let byteLimit: Int
  private var handle: OpaquePointer?
  private var descriptor: CInt = -1
  /// Where the last member ends, in bytes of the archive as it is without compression.
  private var endOfMember: Int64?

  private var isSound = true

  /// Where the archive is, unless something of it could not be read.
  var pathIfSound: PathBytes? { isSound ? path : nil }

  private static let blockByteCount = 1 << 20

  init(_ path: PathBytes, filter: InputFilter, byteLimit: Int) {
    self.path = path
    self.filter = filter
    self.byteLimit = byteLimit
    unsafe handle = archive_read_new()
    // By name: among all there are some that start other programs.
    unsafe archive_read_support_filter_gzip(handle)
    unsafe archive_read_support_filter_bzip2(handle)
    unsafe archive_read_support_filter_xz(handle)
    unsafe archive_read_support_filter_zstd(handle)
    unsafe archive_read_support_filter_lz4(handle)
    unsafe archive_read_support_format_tar(handle)
    // `cat a.tar b.tar` makes an archive with a mark of its end in the middle.
    unsafe archive_read_set_format_option(handle, "tar", "read_concatenated_archives", "1")
  }

  deinit {
    unsafe archive_read_free(handle)
    if descriptor >= 0 { close(descriptor) }
  }

  private var isOpen = false

  mutating func next() -> BatchItem? {
    guard unsafe handle != nil else { return nil }
    if !isOpen {
      do {
        descriptor = try openInput(at: path).descriptor
      } catch {
        return unreadable(path, error)
      }
      guard unsafe archive_read_open_fd(handle, descriptor, Self.blockByteCount) == ARCHIVE_OK
      else { return failure(of: path) }
      isOpen = true
    }
    while true {
      if endOfMember != nil {
        guard unsafe archive_read_data_skip(handle) >= ARCHIVE_WARN else {
          return failure(of: path)
        }
        endOfMember = unsafe archive_filter_bytes(handle, 0)
      }
      var entry: OpaquePointer?
      let status = unsafe archive_read_next_header(handle, &entry)
      if status == ARCHIVE_EOF {
        guard let endOfMember, unsafe archive_filter_bytes(handle, 0) == endOfMember else {
          return end()
        }
        return failure(
          of: path,
          because: "it ends without the mark of its end, as archives do that are cut short")
      }
      guard status >= ARCHIVE_WARN, let entry = unsafe entry else { return failure(of: path) }
      endOfMember = 0
      guard let name = unsafe Self.name(of: entry), takes(name) else { continue }
      if let item = unsafe item(entry, path.appending(name)) { return item }
    }
  }

  /// The item that an entry makes; none for a folder.
  private mutating func item(_ entry: OpaquePointer, _ path: PathBytes) -> BatchItem? {
    let kind = unsafe archive_entry_filetype(entry) & Self.typeMask
    let size = unsafe archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil
    // Some archives hold a link's content once more.
    if let target = unsafe archive_entry_hardlink(entry), size ?? 0 == 0 {
      return passedOver(path, unsafe "a hard link to \(quoted(String(cString: target)))")
    }
    switch kind {
    case Self.regularFile: return content(path, size)
    case Self.folder: return nil
    case Self.symbolicLink:
      let target = unsafe archive_entry_symlink(entry).map { unsafe String(cString: $0) } ?? ""
      return passedOver(path, "a symbolic link to \(quoted(target))")
    default: return passedOver(path, "a pipe, socket or device")
    }
  }

  private func passedOver(_ path: PathBytes, _ reason: String) -> BatchItem {
    BatchItem(path: path, content: .passedOver(reason: reason), isFound: true)
  }

  private static let typeMask: UInt32 = 0o170000
  private static let regularFile: UInt32 = 0o100000
  private static let folder: UInt32 = 0o040000
  private static let symbolicLink: UInt32 = 0o120000

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

  /// Reads the current entry, as far as it may be an image.
  private mutating func content(_ path: PathBytes, _ size: Int?) -> BatchItem {
    var bytes: [UInt8] = []
    var isJudged = false
    while true {
      var block: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      let status = unsafe archive_read_data_block(handle, &block, &count, &offset)
      let isAtEnd = status == ARCHIVE_EOF
      guard isAtEnd || status >= ARCHIVE_WARN, isAtEnd || offset >= bytes.count else {
        return failure(of: path, "read")
      }
      let data = unsafe UnsafeRawBufferPointer(start: block, count: isAtEnd ? 0 : count)
      // Holes of sparse files are zeros.
      let hole = isAtEnd ? 0 : Int(offset) - bytes.count
      if !isJudged {
        var start = bytes + Array(repeating: 0, count: min(hole, Self.startByteCount))
        if hole < Self.startByteCount { unsafe start += data.prefix(Self.startByteCount) }
        let isWhole = isAtEnd || Int(offset) + data.count == size
        if start.count >= Self.startByteCount || isWhole && !start.isEmpty {
          do throws(DecodingError) {
            _ = try unsafe ImageFormat(recognizing: start.span.bytes)
          } catch {
            return unreadable(path, error)
          }
          isJudged = true
        }
      }
      if isAtEnd { return BatchItem(path: path, content: .encoded(bytes), isFound: true) }
      guard Int(offset) <= byteLimit - count, size ?? 0 <= byteLimit else {
        let found = max(size ?? 0, Int(offset) &+ count)
        return unreadable(path, .tooManyBytes(found: found, limit: byteLimit))
      }
      bytes.append(contentsOf: repeatElement(0, count: hole))
      unsafe bytes.append(contentsOf: data)
      // What lacks behind its last byte is nothing to the file.
      if isJudged, bytes.count == size {
        return BatchItem(path: path, content: .encoded(bytes), isFound: true)
      }
    }
  }

  /// What tells an image from everything else.
  private static let startByteCount = 512

  private func unreadable(_ path: PathBytes, _ error: DecodingError) -> BatchItem {
    BatchItem(
      path: path, content: .unreadable(.image(path: path.description, error)), isFound: true)
  }

  /// The item that says that the archive cannot be read any further.
  private mutating func unreadable(_ path: PathBytes, _ error: FileError) -> BatchItem {
    isSound = false
    end()
    return unreadable(path, .file(error))
  }

  /// The item that says what is wrong; nothing more can be read after it.
  private mutating func failure(
    of path: PathBytes, _ operation: String = "read the archive", because reason: String? = nil
  ) -> BatchItem {
    let reason =
      reason ?? (unsafe archive_error_string(handle).map { unsafe String(cString: $0) })
    return unreadable(
      path,
      .system(
        path: path.description, operation: operation, errno: unsafe archive_errno(handle),
        reason: reason ?? "unknown reason"))
  }

  @discardableResult
  private mutating func end() -> BatchItem? {
    unsafe archive_read_free(handle)
    unsafe handle = nil
    return nil
  }
}
