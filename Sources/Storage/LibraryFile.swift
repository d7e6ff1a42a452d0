import EmbedderPlatform

/// Whether a shared library's file ends before what its own header has the system's loader map, as one whose
/// download was cut short does.
///
/// The loader takes such a file, and the process dies where it first touches what is not there.
/// Known of 64-bit ELF files, as Linux and Android have them; of others nothing is said.
func isFileCutShort(_ library: PathBytes) -> Bool {
  let descriptor = retryingInterrupts {
    unsafe library.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
  }
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    return false
  }
  if status.st_size == 0 { return true }
  guard let header = ELFHeader(descriptor) else { return false }
  return header.endOffset > UInt64(status.st_size)
}

/// Where the segments of an ELF file are, as its header tells.
private struct ELFHeader {
  /// The bytes that the file has at least: the table of its segments, and those that the loader maps.
  let endOffset: UInt64

  /// Reads the header, or gives `nil` where there is none that is known.
  init?(_ descriptor: CInt) {
    guard let header = bytes(of: descriptor, at: 0, count: 64),
      header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
    else { return nil }
    let (table, size, count) = (number(header, 32, 8), number(header, 54, 2), number(header, 56, 2))
    // Offsets beyond all files are those of no library.
    let most = UInt64(1) << 48
    guard table < most else { return nil }
    var end = table + size * count
    for index in 0..<count {
      // A table that is not there makes the file too short already.
      guard let segment = bytes(of: descriptor, at: table + index * size, count: 56) else { break }
      let isMapped = number(segment, 0, 4) == 1
      let (start, size) = (number(segment, 8, 8), number(segment, 32, 8))
      guard start < most, size < most else { return nil }
      if isMapped { end = max(end, start + size) }
    }
    endOffset = end
  }
}

/// A little-endian number.
private func number(_ bytes: [UInt8], _ offset: Int, _ byteCount: Int) -> UInt64 {
  bytes[offset..<offset + byteCount].reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

private func bytes(of descriptor: CInt, at offset: UInt64, count: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  let received = unsafe bytes.withUnsafeMutableBytes { target in
    retryingInterrupts { unsafe pread(descriptor, target.baseAddress, count, off_t(offset)) }
  }
  return received == count ? bytes : nil
}
