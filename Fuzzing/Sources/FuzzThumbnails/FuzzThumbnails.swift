import CEmbedderSHA2
import DuplicateFinding
import Glibc

private let side = 24

/// A store of six pictures: two are equal, one is mirrored, one shows nothing.
nonisolated(unsafe) private let store: EmbeddingStore = {
  let shared = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  let path = "\(shared)/image-embedder-fuzz-thumbnails-\(getpid())"
  for name in [path, "\(path)/img_emb", "\(path)/metadata"] { mkdir(name, 0o700) }
  for picture in 0..<6 { write(bitmap(picture), to: "\(path)/\(picture).bmp") }
  let values = (0..<48).map { (index: Int) -> Float in
    Float((index / 8 * 37 + index % 8 * 11) % 101)
  }
  var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 8), }"
  header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
  let array =
    [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
    + values.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 255) } }
  let rows = Array(
    (0..<6).map { #"{"path":"\#($0).bmp","width":24,"height":24}"# + "\n" }.joined().utf8)
  let digest = String(repeating: "0", count: 64)
  let record =
    #"{"store_version":2,"fingerprint":"f","settings":{},"storage":"float32","heads":[{"name":null,"#
    + #""dimension":8}],"parts":[{"number":0,"rows":6,"folder":"\#(path)","arrays":[{"bytes":"#
    + #"\#(array.count),"sha256":"\#(digest)"}],"metadata":{"bytes":\#(rows.count),"sha256":"#
    + #""\#(digest)"}}]}"#
  write(array, to: "\(path)/img_emb/img_emb_000000.npy")
  write(rows, to: "\(path)/metadata/metadata_000000.jsonl")
  write(Array(record.utf8), to: "\(path)/run.json")
  return try! EmbeddingStore(PathBytes(path))
}()

/// The file of small pictures, and that of proofs.
nonisolated(unsafe) private let files = ["thumbnails.luma", "duplicates.proofs"].map {
  "\(store.path)/derived/\($0)"
}

/// A BMP file: picture 1 is picture 0, picture 2 its mirror image, picture 5 has one colour.
private func bitmap(_ picture: Int) -> [UInt8] {
  var bytes = Array("BM".utf8)
  func add(_ value: Int, _ count: Int) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }
  for (value, count) in [
    (54 + 3 * side * side, 4), (0, 4), (54, 4), (40, 4), (side, 4), (side, 4), (1, 2), (24, 2),
    (0, 4), (0, 4), (2835, 4), (2835, 4), (0, 4), (0, 4),
  ] { add(value, count) }
  for row in 0..<side {
    for column in 0..<side {
      let x = picture == 2 ? side - 1 - column : column
      let kind = picture < 3 ? 0 : picture
      let level = kind == 5 ? 90 : ((x / 4 + 3) * (row / 3 + 5) * (kind + 7)) % 251
      for channel in 0..<3 { add(kind == 5 ? level : (level + 40 * channel) % 256, 1) }
    }
  }
  return bytes
}

/// What a search tells, in a form that can be compared.
private func report() throws -> [String] {
  var options = DuplicateFinder.Options()
  options.threadCount = 1
  let report = try unsafe DuplicateFinder(store, options: options).find()
  return report.pairs.map { "\($0)" } + report.groups.map { "\($0)" }
    + ["\(report.flat) \(report.failed)"]
}

/// The report without any file, and the files that a search makes.
nonisolated(unsafe) private let expected: ([String], [[UInt8]]) = {
  unsafe files.forEach { unlink($0) }
  let report = try! report()
  precondition(report.count >= 4 && report.last == "[5] []")
  return (report, unsafe files.map { read($0) })
}()

private func write(_ bytes: [UInt8], to path: String) {
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(descriptor >= 0)
  defer { close(descriptor) }
  _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
}

private func read(_ path: String) -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY)
  precondition(descriptor >= 0)
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = unsafe bytes.withUnsafeMutableBytes { bytes in
    unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
  }
  return Array(bytes.prefix(max(0, count)))
}

/// Puts the checksum of the table, behind so many bytes an entry, where the header has it.
private func seal(_ content: inout [UInt8], behind byteCount: Int) {
  guard content.count >= 64 else { return }
  let count = content[16..<22].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
  let start = min(content.count, 64 + count * byteCount)
  var digest = [UInt8](repeating: 0, count: 32)
  let table = Array(content[start...])
  unsafe csha2_sha256(table, table.count, &digest)
  // Four numbers, of which the header has the lowest byte first.
  let words = stride(from: 0, to: 32, by: 8).flatMap { digest[$0..<$0 + 8].reversed() }
  content.replaceSubrange(24..<56, with: words)
}

/// A file of small pictures, or of kinds 3 to 5 one of proofs: a kind, then a whole file; or, of kind 1, changes of the right one, each a place
/// in 16 bits and a byte; or, of kind 2, the same with a checksum that fits, so that anything may be in it.
///
/// Whatever damage the file has, what is found is the same; whatever it holds, nothing breaks.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let kind = bytes.first else { return 0 }
  let (right, rightFiles) = unsafe expected
  let number = Int(kind) / 3 % 2
  let rightFile = rightFiles[number]
  var content = Array(bytes.dropFirst())
  if kind % 3 > 0 {
    let changes = content
    content = rightFile
    for change in stride(from: 0, to: changes.count - 2, by: 3) {
      let place = Int(changes[change]) << 8 | Int(changes[change + 1])
      content[place % content.count] = changes[change + 2]
    }
  }
  if kind % 3 == 2 { seal(&content, behind: number == 0 ? 4096 : 0) }
  unsafe write(content, to: files[number])
  unsafe write(rightFiles[1 - number], to: files[1 - number])
  let found = try? report()
  #if PLANTED_DEFECT
  if kind % 3 == 1, content != rightFile { fatalError("planted") }
  #endif
  precondition(kind % 3 == 2 || found == right)
  return 0
}
