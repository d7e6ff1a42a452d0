import EmbeddingStore
import Glibc

/// The folder that the store is laid out in, in memory where there is such a place.
nonisolated(unsafe) private let folder: String = {
  let shared = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  let path = "\(shared)/image-embedder-fuzz-\(getpid())"
  for name in [path, "\(path)/img_emb", "\(path)/metadata"] { mkdir(name, 0o700) }
  return path
}()

private func write(_ bytes: ArraySlice<UInt8>, to name: String) {
  let descriptor = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(descriptor >= 0)
  defer { close(descriptor) }
  _ = unsafe bytes.withUnsafeBytes { bytes in
    unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
  }
}

/// A record that says of the files what they are, so that what is in them is looked at.
private func record(rowCount: UInt8, dimension: UInt8, arrayByteCount: Int, rowsByteCount: Int)
  -> String
{
  let digest = String(repeating: "0", count: 64)
  return
    #"{"store_version":2,"fingerprint":"f","settings":{},"storage":"float32","heads":[{"name":null,"#
    + #""dimension":\#(max(1, dimension))}],"parts":[{"number":0,"rows":\#(max(1, rowCount)),"#
    + #""folder":"/","arrays":[{"bytes":\#(arrayByteCount),"sha256":"\#(digest)"}],"#
    + #""metadata":{"bytes":\#(rowsByteCount),"sha256":"\#(digest)"}}]}"#
}

/// A store of one part: a kind, the number of rows, the dimension, the lengths of the record and of the
/// rows in 16 bits each, then the record, the rows and the array. Of an even kind the record is made to fit.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard bytes.count >= 7 else { return 0 }
  let recordEnd = min(bytes.count, 7 + Int(bytes[3]) + Int(bytes[4]) << 8)
  let rowsEnd = min(bytes.count, recordEnd + Int(bytes[5]) + Int(bytes[6]) << 8)
  let (rows, array) = (bytes[recordEnd..<rowsEnd], bytes[rowsEnd...])
  let made = record(
    rowCount: bytes[1], dimension: bytes[2], arrayByteCount: array.count, rowsByteCount: rows.count)
  write(bytes[0] % 2 == 0 ? Array(made.utf8)[...] : bytes[7..<recordEnd], to: "run.json")
  write(rows, to: "metadata/metadata_000000.jsonl")
  write(array, to: "img_emb/img_emb_000000.npy")
  do {
    let store = try EmbeddingStore(PathBytes(folder))
    #if PLANTED_DEFECT
    if store.count > 0 { fatalError("planted") }
    #endif
    for error in store.verify() { precondition(!error.description.isEmpty) }
    for number in 0..<store.count {
      for head in store.heads.indices {
        let vector = try store.vector(at: number, head: head)
        precondition(vector.count == store.heads[head].dimension)
      }
      _ = try store.rows(of: store.absolutePath(at: number))
    }
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
