import EmbeddingSearch
import Glibc

/// A store of twenty rows, in memory where there is such a place.
nonisolated(unsafe) private let store: EmbeddingStore = {
  let shared = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  let path = "\(shared)/image-embedder-fuzz-search-\(getpid())"
  for name in [path, "\(path)/img_emb", "\(path)/metadata"] { mkdir(name, 0o700) }
  let values = (0..<160).map { Float(($0 * 37 + 11) % 101) }
  var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (20, 8), }"
  header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
  let array =
    [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
    + values.flatMap { value in (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 255) } }
  let rows = Array(
    (0..<20).map { #"{"path":"\#($0).png","width":1,"height":1}"# + "\n" }.joined().utf8)
  let digest = String(repeating: "0", count: 64)
  let record =
    #"{"store_version":2,"fingerprint":"f","settings":{},"storage":"float32","heads":[{"name":null,"#
    + #""dimension":8}],"parts":[{"number":0,"rows":20,"folder":"/","arrays":[{"bytes":"#
    + #"\#(array.count),"sha256":"\#(digest)"}],"metadata":{"bytes":\#(rows.count),"sha256":"#
    + #""\#(digest)"}}]}"#
  write(array, to: "\(path)/img_emb/img_emb_000000.npy")
  write(rows, to: "\(path)/metadata/metadata_000000.jsonl")
  write(Array(record.utf8), to: "\(path)/run.json")
  return try! EmbeddingStore(PathBytes(path))
}()

nonisolated(unsafe) private let file = "\(store.path)/derived/search.int8"
nonisolated(unsafe) private let query = try! store.vector(at: 3)

/// The answers without any file, and the file that a search makes.
nonisolated(unsafe) private let expected: ([EmbeddingIndex.Answer], [UInt8]) = {
  unlink(file)
  let answers = try! EmbeddingIndex(store, threadCount: 1).nearest(20, to: query)
  precondition(answers.count == 20 && answers[0].row == 3)
  return (answers, read(file))
}()

private func write(_ bytes: [UInt8], to path: String) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(descriptor >= 0)
  defer { close(descriptor) }
  _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
}

private func read(_ path: String) -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  precondition(descriptor >= 0)
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = unsafe bytes.withUnsafeMutableBytes { bytes in
    unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
  }
  return Array(bytes.prefix(max(0, count)))
}

/// A search file: a kind, then a whole file; or, of kind 1, changes of the right one, each a place in 16 bits
/// and a byte; or, of kind 2, what comes behind the right one's header.
///
/// Whatever the file holds, the answers are the same.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let kind = bytes.first else { return 0 }
  let (answers, right) = unsafe expected
  var content = Array(bytes.dropFirst())
  switch kind % 3 {
  case 1:
    let changes = content
    content = right
    for change in stride(from: 0, to: changes.count - 2, by: 3) {
      let place = Int(changes[change]) << 8 | Int(changes[change + 1])
      content[place % content.count] = changes[change + 2]
    }
  case 2: content = Array(right.prefix(4096)) + content
  default: break
  }
  unsafe write(content, to: file)
  let index = try! unsafe EmbeddingIndex(store, threadCount: 1)
  #if PLANTED_DEFECT
  if index.fileError == nil, content != right { fatalError("planted") }
  #endif
  let found = try! unsafe index.nearest(20, to: query)
  precondition(found == answers)
  return 0
}
