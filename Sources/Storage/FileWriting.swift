import EmbedderPlatform

/// Writes a file that appears whole or not at all: under a temporary name beside its own, flushed to the
/// disk and renamed.
///
/// - Parameters:
///   - content: The file's bytes.
///   - path: The file. One that is there is replaced; of a link it is what the link leads to.
/// - Throws: ``FileError``, which names the path; nothing is left of the file then, and one that was there
///   is as it was.
package func writeWholeFile(_ content: RawSpan, at path: PathBytes) throws(FileError) {
  let target = withoutLinks(path) ?? path
  let file = try PendingFile(target, named: path)
  try file.write(content, at: 0)
  try file.finish()
}

/// The path without links, or `nil` where it leads to nothing.
private func withoutLinks(_ path: PathBytes) -> PathBytes? {
  guard let full = unsafe path.withCString({ unsafe realpath($0, nil) }) else { return nil }
  defer { unsafe free(full) }
  return unsafe PathBytes(
    UnsafeBufferPointer(start: full, count: strlen(full)).map(UInt8.init(bitPattern:)))
}
