import EmbedderStorage

/// Compares pictures, and keeps what was found in a derived file for the next search.
///
/// Any number of threads may ask at once. What is answered does not depend on what was kept.
final class ProofCache: Sendable {
  private struct Found {
    /// Which records of the file were asked for.
    var isUsed: [Bool]
    /// What is not in the file.
    var records: [ProofRecord.Key: ProofRecord] = [:]
  }

  private let path: PathBytes?
  private let file: ProofFile?
  private let found: Locked<Found>

  /// Begins with what a file holds.
  ///
  /// - Parameter path: The derived file; `nil` to keep nothing.
  init(_ path: PathBytes?) {
    self.path = path
    let file = path.flatMap { ProofFile($0) }
    self.file = file
    found = Locked(Found(isUsed: Array(repeating: false, count: file?.count ?? 0)))
  }

  /// What two pictures of a library prove.
  ///
  /// - Parameters:
  ///   - pair: The pictures.
  ///   - library: The library.
  ///   - triesCrops: Whether parts are looked for where the wholes are no proof.
  /// - Returns: The proof; `nil` where they cannot be read or have nothing in common.
  func proof(
    of pair: PictureLinks.Key, in library: PictureLibrary, triesCrops: Bool
  ) -> PictureProof? {
    var isReadable = true
    func subject(_ picture: Int) -> PictureProof.Subject? {
      guard let coarse = library.coarse[picture], let record = library.records[picture] else {
        return nil
      }
      return PictureProof.Subject(coarse: coarse, width: record.width, height: record.height) {
        let pixels = library.pixels(of: picture)
        if pixels == nil { isReadable = false }
        return pixels
      }
    }
    guard let first = subject(pair.a), let second = subject(pair.b) else { return nil }
    guard path != nil, let firstDigest = library.digests[pair.a],
      let secondDigest = library.digests[pair.b]
    else { return PictureProof.compare(first, second, triesCrops: triesCrops) }
    let isInOrder = first.isUnder(second)
    let key = ProofRecord.Key(
      under: isInOrder ? firstDigest : secondDigest, over: isInOrder ? secondDigest : firstDigest,
      triesCrops: triesCrops)
    if let place = file?.place(of: key), let record = file?.record(at: place) {
      found.withLock { $0.isUsed[place] = true }
      return isInOrder ? record.proof : record.proof?.inverse
    }
    let proof = PictureProof.compareInOrder(
      isInOrder ? first : second, isInOrder ? second : first, triesCrops: triesCrops)
    if isReadable {
      found.withLock { found in
        guard found.records.count < ProofFile.mostRecords else { return }
        found.records[key] = ProofRecord(key: key, proof: proof)
      }
    }
    return isInOrder ? proof : proof?.inverse
  }

  /// Stores what was found, unless the file has it all.
  ///
  /// - Parameter isComplete: Whether all pairs were asked for, so that what nobody has asked for is of
  ///   pictures that are gone, or no longer near each other.
  /// - Returns: Why it could not be stored, where that is so.
  func store(isComplete: Bool) -> DuplicateError? {
    guard let path else { return nil }
    let table = found.withLock { found in nextTable(found, isComplete: isComplete) }
    guard let table else { return nil }
    do throws(DuplicateError) {
      try ProofFile.write(table, to: path)
      return nil
    } catch {
      return error
    }
  }

  /// The records of the next file, in their order; `nil` where they are those of the file that is there.
  private func nextTable(_ found: Found, isComplete: Bool) -> [UInt8]? {
    let kept = found.isUsed.indices.filter { !isComplete || found.isUsed[$0] }
    guard !found.records.isEmpty || kept.count < found.isUsed.count else { return nil }
    var table: [UInt8] = []
    var rest = kept[...]
    func isFull() -> Bool { table.count >= ProofFile.mostRecords * ProofRecord.byteCount }
    for key in found.records.keys.sorted() {
      while let place = rest.first, let file, file.key(at: place) < key, !isFull() {
        table += file.bytes(at: place)
        rest.removeFirst()
      }
      guard !isFull(), let bytes = found.records[key]?.bytes else { continue }
      table += bytes
    }
    for place in rest {
      guard let file, !isFull() else { break }
      table += file.bytes(at: place)
    }
    return table
  }
}
