import EmbedderStorage
import EmbeddingStore

/// The small pictures of all that is compared, and what is known of their files.
///
/// Most of them come from the derived file; the others are decoded once, on all cores. The coarse pictures
/// are kept in memory, the small ones are read where a proof needs them.
struct PictureLibrary: Sendable {
  /// What is known of each picture; `nil` for those that could not be read.
  private(set) var records: [PictureRecord?]
  /// The coarse pictures, likewise.
  private(set) var coarse: [CoarsePicture?]
  /// What tells a small picture and the size of its picture from all others, where proofs are stored.
  private(set) var digests: [SIMD2<UInt64>?]
  /// The pictures that show nothing.
  private(set) var isFlat: [Bool]

  private let path: PathBytes?
  private let decoding: PictureDecoding
  private var file: PictureFile?
  /// Where each picture is in the file.
  private var places: [Int?]
  /// Small pictures that could not be stored, by their pictures.
  private var kept: [Int: [UInt8]] = [:]
  private var hasNewDigests = false

  /// Begins with nothing.
  ///
  /// - Parameters:
  ///   - count: The number of pictures.
  ///   - path: The derived file; `nil` to store nothing.
  ///   - decoding: How pictures are decoded.
  init(count: Int, path: PathBytes?, decoding: PictureDecoding) {
    records = Array(repeating: nil, count: count)
    coarse = Array(repeating: nil, count: count)
    digests = Array(repeating: nil, count: count)
    isFlat = Array(repeating: false, count: count)
    places = Array(repeating: nil, count: count)
    self.path = path
    self.decoding = decoding
    file = path.flatMap { PictureFile($0, settings: decoding.number) }
  }

  /// The pixels of a picture's small picture; `nil` where it cannot be read.
  func pixels(of picture: Int) -> [UInt8]? {
    if let pixels = kept[picture] { return pixels }
    guard let place = places[picture] else { return nil }
    return file?.pixels(at: place)
  }

  // MARK: Reading

  /// A picture to be read.
  struct Wanted: Sendable {
    let number: Int
    let path: PathBytes
    let stamp: FileStamp
  }

  /// Takes from the derived file what it has of some pictures.
  mutating func takeKnown(_ wanted: [Wanted]) {
    guard let file else { return }
    for picture in wanted {
      guard let place = file.place(of: PictureRecord.name(of: picture.path)),
        file.records[place].stamp == picture.stamp, let pixels = file.pixels(at: place)
      else { continue }
      places[picture.number] = place
      note(file.records[place], pixels, of: picture.number)
    }
  }

  /// Decodes pictures and adds them to the derived file.
  ///
  /// - Parameters:
  ///   - wanted: The pictures.
  ///   - threadCount: The threads that decode.
  ///   - isCancelled: Asked between pictures.
  ///   - problem: Called with each picture that cannot be decoded, and why.
  ///   - progress: Called with the number of pictures that are done.
  /// - Returns: Why they could not be stored, as on a full disk, where that is so; they are kept in memory then.
  /// - Throws: ``DuplicateError``, ``DuplicateError/cancelled`` among others, after which what was read is kept.
  mutating func read(
    _ wanted: [Wanted], threadCount: Int, isCancelled: () -> Bool,
    problem: (Int, String) -> Void, progress: (Int) -> Void
  ) throws(DuplicateError) -> String? {
    guard !wanted.isEmpty else { return nil }
    var obstacle: DuplicateError?
    if let path {
      do throws(DuplicateError) {
        let writer = try PictureFileWriter(path, settings: decoding.number)
        try copyKnown(to: writer)
        do throws(DuplicateError) {
          try decode(wanted, threadCount, isCancelled, problem, progress) {
            (_, record, pixels) throws(DuplicateError) in try writer.append(record, pixels)
          }
        } catch .cancelled {
          // What was read until then need not be read again.
          try? writer.finish()
          throw .cancelled
        }
        try writer.finish()
        reopen()
        return nil
      } catch .cancelled {
        throw .cancelled
      } catch {
        obstacle = error
      }
    }
    var pixels: [Int: [UInt8]] = [:]
    try decode(wanted, threadCount, isCancelled, problem, progress) { pixels[$0] = $2 }
    kept.merge(pixels) { $1 }
    return obstacle.map { "\($0); the pictures are read again the next time" }
  }

  /// Decodes pictures, notes what is known of them, and hands each small picture on.
  private mutating func decode(
    _ wanted: [Wanted], _ threadCount: Int, _ isCancelled: () -> Bool,
    _ problem: (Int, String) -> Void, _ progress: (Int) -> Void,
    _ body: (_ number: Int, PictureRecord, _ pixels: [UInt8]) throws(DuplicateError) -> Void
  ) throws(DuplicateError) {
    var doneCount = 0
    let decoding = decoding
    try forEachInOrder(wanted, threadCount: threadCount, isCancelled: isCancelled) { picture in
      (picture, Self.read(picture, decoding))
    } _: { (picture, result) throws(DuplicateError) in
      doneCount += 1
      progress(doneCount)
      switch result {
      case .failure(let error): problem(picture.number, error.description)
      case .success(let glance):
        let record = PictureRecord(picture, glance)
        note(record, glance.luma.pixels, of: picture.number)
        try body(picture.number, record, glance.luma.pixels)
      }
    }
  }

  private static func read(
    _ picture: Wanted, _ decoding: PictureDecoding
  ) -> Result<PictureDecoding.Glance, Problem> {
    do {
      let glance = try decoding.glance(at: picture.path)
      // A file that is changed meanwhile must not keep its former picture under its new stamp.
      guard FileStamp(of: picture.path) == picture.stamp else {
        return .failure(Problem(description: "it was changed while it was read"))
      }
      return .success(glance)
    } catch {
      return .failure(Problem(description: "it cannot be decoded: \(error)"))
    }
  }

  private struct Problem: Error {
    let description: String
  }

  private mutating func note(_ record: PictureRecord, _ pixels: [UInt8], of picture: Int) {
    let luma = LumaPicture(pixels: pixels, colorfulness: record.colorfulness)
    records[picture] = record
    coarse[picture] = CoarsePicture(luma)
    isFlat[picture] = luma.isFlat
    if path != nil { digests[picture] = ProofRecord.digest(pixels, record.width, record.height) }
  }

  // MARK: Digests

  /// Notes the digest of a file whose picture is known.
  mutating func setFileDigest(_ digest: StoredDigest, of picture: Int) {
    guard let record = records[picture], record.fileDigest != digest else { return }
    records[picture]?.fileDigest = digest
    hasNewDigests = true
  }

  /// Notes the digest of a picture's pixels.
  mutating func setPixelDigest(_ digest: StoredDigest, of picture: Int) {
    guard let record = records[picture], record.pixelDigest != digest else { return }
    records[picture]?.pixelDigest = digest
    hasNewDigests = true
  }

  /// Stores the digests that were computed, so that no file is read for them again; where that cannot be,
  /// they are computed again.
  mutating func storeDigests() {
    guard hasNewDigests, let path, file != nil else { return }
    do throws(DuplicateError) {
      let writer = try PictureFileWriter(path, settings: decoding.number)
      try copyKnown(to: writer)
      try writer.finish()
      reopen()
      hasNewDigests = false
    } catch {}
  }

  /// Copies the pictures that are still compared, with what is known of them by now.
  private func copyKnown(to writer: PictureFileWriter) throws(DuplicateError) {
    var isCopied = Set<Int>()
    for (picture, place) in places.enumerated() {
      guard let place, let record = records[picture], let pixels = file?.pixels(at: place),
        isCopied.insert(place).inserted
      else { continue }
      try writer.append(record, pixels)
    }
  }

  private mutating func reopen() {
    guard let path, let file = PictureFile(path, settings: decoding.number) else { return }
    self.file = file
    for (picture, record) in records.enumerated() {
      if let record { places[picture] = file.place(of: record.name) }
    }
  }
}

extension PictureRecord {
  init(_ picture: PictureLibrary.Wanted, _ glance: PictureDecoding.Glance) {
    name = Self.name(of: picture.path)
    stamp = picture.stamp
    width = glance.width
    height = glance.height
    format = glance.format
    colorfulness = glance.luma.colorfulness
    check = Self.check(glance.luma.pixels)
  }
}
